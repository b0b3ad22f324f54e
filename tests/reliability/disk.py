"""A disk whose every write and sync is known, and which can be cut off from power at any of them.

The kernel's FUSE protocol, spoken directly: a file system of one single file, and a loop device
over it, so that real file systems lie on a disk that is ours.

    disk = Disk(folder, size)            # /dev/loopN is disk.device
    log = disk.record(); …; disk.stop()  # what was written meanwhile
    disk.show(blocks)                    # the disk's content is this now
    disk.close()

What reaches the disk between two syncs may reach the card in any order, in part or not at all.
"""

import ctypes
import os
import struct
import subprocess
import threading
from pathlib import Path

BLOCK = 4096
SECTOR = 512
ZEROS = bytes(BLOCK)
# Sizes and numbers of Linux' include/uapi/linux/fuse.h, protocol 7.31.
LOOKUP, FORGET, GETATTR, OPEN, READ, WRITE, STATFS, RELEASE = 1, 2, 3, 14, 15, 16, 17, 18
FSYNC, FLUSH, INIT, INTERRUPT, DESTROY, BATCH_FORGET = 20, 25, 26, 36, 38, 42
HEADER = struct.Struct("<IIQQIIII")
REPLY = struct.Struct("<IiQ")
FOPEN_DIRECT_IO = 1
LARGEST = 128 << 10
ENOSYS = 38
BLKFLSBUF = 0x1261
MNT_DETACH = 2
MS_NOATIME, MS_REC, MS_PRIVATE = 1 << 10, 1 << 14, 1 << 18
CLONE_NEWNS = 1 << 17

libc = ctypes.CDLL(None, use_errno=True)


def mount(source, target, kind, options=""):
    """mount(2) with noatime, as its program costs more than its call."""
    if libc.mount(source.encode(), str(target).encode(), kind.encode(), MS_NOATIME, options.encode()):
        number = ctypes.get_errno()
        raise OSError(number, f"mount {kind} {options}: {os.strerror(number)}")


def be_alone():
    """A mount namespace of this process' own: whoever makes one of his own meanwhile would take a copy of the mounts
    along, and what is unmounted here would stay mounted there."""
    if libc.unshare(CLONE_NEWNS) or libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None):
        number = ctypes.get_errno()
        raise OSError(number, f"a mount namespace: {os.strerror(number)}")


def unmount(target, flags=0):
    """umount2(2)."""
    if libc.umount2(str(target).encode(), flags):
        number = ctypes.get_errno()
        raise OSError(number, f"umount {target}: {os.strerror(number)}")


class Disk:
    """A disk of `size` bytes, empty at first."""

    def __init__(self, folder, size):
        self.size = size
        self.blocks = {}
        self.log = None
        self.file = Path(folder) / "disk"
        self.file.touch()
        self.connection = os.open("/dev/fuse", os.O_RDWR)
        mount("disk", self.file, "fuse", f"fd={self.connection},rootmode=100000,user_id=0,group_id=0,max_read={LARGEST}")
        self.server = threading.Thread(target=self._serve, daemon=True)
        self.server.start()
        # What is written to the loop device goes on to the file at once, and its syncs too.
        told = subprocess.run(["losetup", "--show", "--find", self.file], check=True, capture_output=True, text=True)
        self.device = told.stdout.strip()

    def close(self):
        """Gives the loop device and the connection back."""
        subprocess.run(["losetup", "--detach", self.device], check=True)
        unmount(self.file, MNT_DETACH)
        self.server.join(10)
        os.close(self.connection)

    def record(self):
        """Notes all that is written from here on: `(offset, bytes)`, and `None` for a sync. The list grows."""
        self.log = []
        return self.log

    def stop(self):
        """Ends the notes."""
        self.log = None

    def show(self, blocks):
        """Makes this the disk's content: a block's number, and its bytes. Nothing may be mounted."""
        self.blocks = blocks
        # What the kernel remembers of the former content.
        device = os.open(self.device, os.O_RDWR)
        fcntl_flush(device)
        os.close(device)

    def _serve(self):
        answers = {GETATTR: self._attributes, OPEN: self._open, READ: self._read, WRITE: self._write, FSYNC: self._sync,
                   INIT: self._start, FLUSH: lambda _: b"", RELEASE: lambda _: b"", STATFS: lambda _: bytes(80)}
        while True:
            try:
                request = os.read(self.connection, LARGEST + BLOCK)
            except OSError:
                return  # unmounted
            _, code, unique, *_ = HEADER.unpack_from(request)
            if code in (FORGET, BATCH_FORGET, INTERRUPT):
                continue
            answer = answers.get(code)
            body = answer(memoryview(request)[HEADER.size:]) if answer else b""
            error = 0 if answer or code == DESTROY else -ENOSYS
            try:
                os.write(self.connection, REPLY.pack(REPLY.size + len(body), error, unique) + body)
            except OSError:
                return
            if code == DESTROY:
                return

    def _start(self, request):
        major, minor, ahead, _ = struct.unpack_from("<IIII", request)
        # No write-back cache: a write is here when the loop device is told so. No other wishes.
        return struct.pack("<IIIIHHIIHHI7I", 7, min(minor, 31), ahead, 1 << 5, 16, 12, LARGEST, 1, LARGEST >> 12, 0, 0, *[0] * 7)

    def _attributes(self, _):
        fields = (1, self.size, self.size // SECTOR, 0, 0, 0, 0, 0, 0, 0o100600, 1, 0, 0, 0, BLOCK, 0)
        return struct.pack("<QII", 60, 0, 0) + struct.pack("<QQQQQQIIIIIIIIII", *fields)

    def _open(self, _):
        return struct.pack("<QII", 1, FOPEN_DIRECT_IO, 0)

    def _read(self, request):
        _, offset, size = struct.unpack_from("<QQI", request)
        first, last = offset // BLOCK, -(-(offset + size) // BLOCK)
        whole = b"".join([self.blocks.get(number, ZEROS) for number in range(first, last)])
        skip = offset - first * BLOCK
        return whole[skip:skip + size] if skip or len(whole) != size else whole

    def _write(self, request):
        _, offset, size = struct.unpack_from("<QQI", request)
        data = bytes(request[40:40 + size])
        put(self.blocks, offset, data)
        if self.log is not None:
            self.log.append((offset, data))
        return struct.pack("<II", size, 0)

    def _sync(self, _):
        if self.log is not None:
            self.log.append(None)
        return b""


def fcntl_flush(device):
    """Throws away what the kernel has cached of a block device."""
    if libc.ioctl(device, BLKFLSBUF, 0):
        raise OSError(ctypes.get_errno(), "BLKFLSBUF")


def put(blocks, offset, data):
    """Writes into blocks; a part of one keeps the rest."""
    at = 0
    while at < len(data):
        number, skip = divmod(offset + at, BLOCK)
        piece = data[at:at + BLOCK - skip]
        if len(piece) < BLOCK:
            old = blocks.get(number, ZEROS)
            piece = old[:skip] + piece + old[skip + len(piece):]
        blocks[number] = piece
        at += BLOCK - skip
