//! Sizes as the contract words them.

/// "1.2 MB" for 1,258,291 bytes: base 1024, labels B to GB, one decimal.
#[allow(clippy::cast_precision_loss)] // one decimal is shown: 52 bits are plenty
pub fn size_in_words(bytes: u64) -> String {
    const LABELS: [&str; 4] = ["B", "KB", "MB", "GB"];
    let mut amount = bytes as f64;
    let mut label = 0;
    while amount >= 1024.0 && label + 1 < LABELS.len() {
        amount /= 1024.0;
        label += 1;
    }
    format!("{amount:.1} {}", LABELS[label])
}

#[cfg(test)]
mod tests {
    use super::size_in_words;

    #[test]
    fn sizes_read_as_the_contract_says() {
        assert_eq!(size_in_words(1_258_291), "1.2 MB");
        assert_eq!(size_in_words(0), "0.0 B");
        assert_eq!(size_in_words(1023), "1023.0 B");
        assert_eq!(size_in_words(1024), "1.0 KB");
        assert_eq!(size_in_words(3 << 40), "3072.0 GB");
    }
}
