package state

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"iter"
	"os"
	"path/filepath"
)

// Journal is a file of records that is only appended to, and written anew when
// its owner says so. A record is there as a whole or not at all, whatever
// happens while it is written. It is not safe for concurrent use, and the
// process that has it open must be the only one.
type Journal struct {
	path    string
	file    *os.File
	size    int64
	damaged int64
}

// A record of the journal is the length of its payload and the CRC-32C of it,
// four bytes each in little endian, and the payload.
const recordHeader = 8

// maxRecord bounds the payload of a record. What is longer can't be one when a
// journal is read, and so isn't written.
const maxRecord = 64 << 20

var errDamaged = errors.New("damaged record")

// OpenJournal opens a journal, which is made where there is none, and has take
// look at the payload of every record in turn. What follows the first record
// that can't be read, or that take returns an error for, is cut off: a crash
// has left it half written, or a fault of the disk has damaged it. A copy of it
// is kept in a file of the same name with ".corrupt".
func OpenJournal(path string, take func(payload []byte) error) (*Journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	j := &Journal{path: path, file: f}
	err = j.replay(take)
	if err == nil {
		err = j.repair()
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return j, nil
}

// replay reads all records, and leaves the length of the sound ones as the size.
func (j *Journal) replay(take func(payload []byte) error) error {
	r := bufio.NewReader(j.file)
	for {
		payload, err := readFrame(r)
		if errors.Is(err, io.EOF) || errors.Is(err, errDamaged) {
			return nil
		}
		if err != nil {
			return err
		}
		if take(payload) != nil {
			return nil
		}
		j.size += int64(recordHeader + len(payload))
	}
}

// repair cuts off what could not be read.
func (j *Journal) repair() error {
	info, err := j.file.Stat()
	if err != nil {
		return err
	}
	if j.damaged = info.Size() - j.size; j.damaged == 0 {
		return nil
	}
	tail := make([]byte, j.damaged)
	if _, err := j.file.ReadAt(tail, j.size); err != nil {
		return err
	}
	if err := os.WriteFile(j.path+".corrupt", tail, 0o600); err != nil {
		return err
	}
	return j.file.Truncate(j.size)
}

// Damaged returns how many bytes at the end could not be read when the journal
// was opened.
func (j *Journal) Damaged() int64 { return j.damaged }

// Size returns the length of the journal in bytes.
func (j *Journal) Size() int64 { return j.size }

// Append writes a record behind the others. When it returns, the record is in
// the hands of the kernel and outlives the process; [Journal.Sync] puts it on
// the disk.
func (j *Journal) Append(payload []byte) error {
	if err := fits(payload); err != nil {
		return err
	}
	record := appendFrame(nil, payload)
	if _, err := j.file.WriteAt(record, j.size); err != nil {
		return errors.Join(err, j.file.Truncate(j.size)) // no half record
	}
	j.size += int64(len(record))
	return nil
}

// Sync puts on the disk what was appended.
func (j *Journal) Sync() error { return j.file.Sync() }

// Rewrite writes the journal anew with these payloads, beside the old one, and
// takes its place when it is on the disk. With an error of one of them the old
// one stays.
func (j *Journal) Rewrite(payloads iter.Seq2[[]byte, error]) error {
	f, err := os.OpenFile(j.path+".new", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	size, err := writeFrames(f, payloads)
	if err == nil {
		err = errors.Join(f.Sync(), os.Rename(f.Name(), j.path))
	}
	if err == nil {
		err = syncDir(filepath.Dir(j.path))
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	old := j.file
	j.file, j.size = f, size
	return old.Close()
}

func writeFrames(f *os.File, payloads iter.Seq2[[]byte, error]) (size int64, err error) {
	w := bufio.NewWriter(f)
	for payload, err := range payloads {
		if err == nil {
			err = fits(payload)
		}
		if err != nil {
			return 0, err
		}
		n, err := w.Write(appendFrame(nil, payload))
		if err != nil {
			return 0, err
		}
		size += int64(n)
	}
	return size, w.Flush()
}

// Close makes everything durable and closes the journal.
func (j *Journal) Close() error { return errors.Join(j.file.Sync(), j.file.Close()) }

func castagnoli(p []byte) uint32 { return crc32.Checksum(p, crc32.MakeTable(crc32.Castagnoli)) }

// fits returns an error for a payload that could not be read again.
func fits(payload []byte) error {
	if len(payload) > maxRecord {
		return fmt.Errorf("a record of %d bytes is too long: %d can be read again", len(payload), maxRecord)
	}
	return nil
}

func appendFrame(dst, payload []byte) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(payload)))
	dst = binary.LittleEndian.AppendUint32(dst, castagnoli(payload))
	return append(dst, payload...)
}

// readFrame reads the payload of one record. It returns [io.EOF] at the end of
// the journal and errDamaged where what follows is no record.
func readFrame(r io.Reader) (payload []byte, err error) {
	var header [recordHeader]byte
	_, err = io.ReadFull(r, header[:])
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, errDamaged
	case err != nil:
		return nil, err
	}
	length := binary.LittleEndian.Uint32(header[:])
	if length > maxRecord {
		return nil, errDamaged
	}
	payload, err = io.ReadAll(io.LimitReader(r, int64(length)))
	if err != nil {
		return nil, err
	}
	if len(payload) != int(length) || castagnoli(payload) != binary.LittleEndian.Uint32(header[4:]) {
		return nil, errDamaged
	}
	return payload, nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
