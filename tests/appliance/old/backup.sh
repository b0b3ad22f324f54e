#!/bin/bash
# Backup of the Neopro box: archives the settings, keeps a week of them.

BACKUP_DIR="/home/pi/neopro-backups"
RETENTION_DAYS=7
STAMP=$(date +%Y%m%d-%H%M%S)
NAME="backup-$STAMP"
WORK="/tmp/$NAME"
LOG="$BACKUP_DIR/backup.log"

mkdir -p "$BACKUP_DIR" "$WORK"

log() {
    echo "[$(date '+%Y-%m-%d %H:%M:%S')] $1" | tee -a "$LOG"
}

log "=== Backup start: $NAME ==="

copy() {
    if [ -f "$1" ]; then
        cp "$1" "$WORK/$2"
        log "copied $2"
    else
        log "WARNING: $1 not found"
    fi
}

copy /home/pi/neopro/webapp/configuration.json configuration.json
copy /home/pi/neopro/sync-agent/.env sync-agent.env
copy /etc/neopro/site.conf site.conf

ls -lhR /home/pi/neopro/videos > "$WORK/videos-inventory.txt" 2>/dev/null

{
    echo "Date: $(date)"
    echo "Hostname: $(hostname)"
    echo "Kernel: $(uname -a)"
    echo "Uptime: $(uptime)"
    echo
    df -h
    echo
    free -h
} > "$WORK/system-info.txt" 2>/dev/null

if tar -czf "$BACKUP_DIR/$NAME.tar.gz" -C /tmp "$NAME"; then
    SUCCESS=true
    SIZE=$(du -h "$BACKUP_DIR/$NAME.tar.gz" | cut -f1)
    log "archive made: $NAME.tar.gz ($SIZE)"
else
    SUCCESS=false
    SIZE=0
    log "ERROR: no archive"
fi
rm -rf "$WORK"

find "$BACKUP_DIR" -name 'backup-*.tar.gz' -mtime +$RETENTION_DAYS -delete
COUNT=$(ls "$BACKUP_DIR"/backup-*.tar.gz 2>/dev/null | wc -l)

cat > "$BACKUP_DIR/last-backup-status.json" <<EOF
{
  "timestamp": "$(date -Iseconds)",
  "date": "$(date +%Y-%m-%d)",
  "success": $SUCCESS,
  "archive": "$NAME.tar.gz",
  "size": "$SIZE",
  "backups_count": $COUNT,
  "retention_days": $RETENTION_DAYS
}
EOF

log "=== Backup end ==="
[ "$SUCCESS" = true ]
