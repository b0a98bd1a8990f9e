package sandbox

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
)

// The ledger is a file to which entries are only ever appended, each as one line
// of JSON with the checksum of its bytes:
//
//	{"sum":"1c291ca3","entry":{"n":2,"op":"place order",...}}
//
// A line is written with one write(2) before the reply is given: when the process
// is killed, what was replied is in the file. A last line without its newline was
// never replied, and is dropped. Anything else that is wrong is damage, and
// refused: a ledger that has been tampered with is no truth to compare with.

// ErrLedger is wrapped by every error about the content of a ledger.
var ErrLedger = errors.New("damaged ledger")

// ErrLocked says that another carrier has the ledger open.
var ErrLocked = errors.New("another carrier has the ledger open")

// LedgerError says which line of a ledger is damaged, and how. It wraps ErrLedger.
type LedgerError struct {
	Line int // from 1
	Text string
}

func (e *LedgerError) Error() string {
	return fmt.Sprintf("sandbox: %v: line %d %s", ErrLedger, e.Line, e.Text)
}

// Unwrap returns ErrLedger.
func (e *LedgerError) Unwrap() error { return ErrLedger }

// maxLedgerLine bounds what is read of one line: far more than an order of
// maxLines numbers.
const maxLedgerLine = 4 << 20

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

type sealed struct {
	Sum   string          `json:"sum"`
	Entry json.RawMessage `json:"entry"`
}

func encodeEntry(e entry) ([]byte, error) {
	body, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	out, err := json.Marshal(sealed{checksum(body), body})
	if err != nil {
		return nil, err
	}
	if len(out) >= maxLedgerLine {
		return nil, fmt.Errorf("an entry of %d bytes is too long", len(out))
	}
	return append(out, '\n'), nil
}

func checksum(b []byte) string { return fmt.Sprintf("%08x", crc32.Checksum(b, castagnoli)) }

// decodeEntry reads a line without its newline.
func decodeEntry(b []byte) (entry, error) {
	var s sealed
	var e entry
	if err := json.Unmarshal(b, &s); err != nil {
		return e, errors.New("is no entry")
	}
	if s.Sum != checksum(s.Entry) {
		return e, errors.New("does not have the checksum of its content")
	}
	if err := json.Unmarshal(s.Entry, &e); err != nil {
		return e, errors.New("holds what no entry can")
	}
	return e, nil
}

// readEntries calls each for every complete line. good is the size of what they
// take up, torn tells whether an incomplete line follows.
func readEntries(r io.Reader, each func(entry) error) (good int64, torn bool, err error) {
	in := bufio.NewReaderSize(r, 64<<10)
	for n := 1; ; n++ {
		b, err := readLine(in, maxLedgerLine)
		switch {
		case errors.Is(err, io.EOF):
			return good, len(b) > 0, nil
		case errors.Is(err, bufio.ErrTooLong):
			return good, false, &LedgerError{n, "is too long"}
		case err != nil:
			return good, false, err
		}
		e, err := decodeEntry(b)
		switch {
		case err != nil:
			return good, false, &LedgerError{n, err.Error()}
		case e.N != n:
			return good, false, &LedgerError{n, fmt.Sprintf("is entry %d: lines are missing or out of order", e.N)}
		case (n == 1) != (e.Op == opOpen):
			return good, false, &LedgerError{n, "should be the opening of the ledger if and only if it is the first"}
		}
		if err := each(e); err != nil {
			return good, false, &LedgerError{n, "does not fit: " + err.Error()}
		}
		good += int64(len(b)) + 1
	}
}

// readLine returns a line without its newline. At the end of the input it returns
// what is left with io.EOF.
func readLine(in *bufio.Reader, max int) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		if len(line)+len(part) > max {
			return nil, bufio.ErrTooLong
		}
		line = append(line, part...)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		return bytes.TrimSuffix(line, []byte("\n")), err
	}
}

// ledger is a file that is open for appending, and locked.
type ledger struct {
	f    *os.File
	sync bool
}

func openLedger(path string, sync bool, each func(entry) error) (*ledger, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	if err := lock(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("sandbox: %s: %w", path, err)
	}
	good, torn, err := readEntries(f, each)
	if err == nil && torn {
		err = f.Truncate(good)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("sandbox: %s: %w", path, err)
	}
	return &ledger{f, sync}, nil
}

// append writes one entry with one call of the operating system.
func (l *ledger) append(e entry) error {
	b, err := encodeEntry(e)
	if err != nil {
		return err
	}
	if _, err := l.f.Write(b); err != nil {
		return err
	}
	if l.sync {
		return l.f.Sync()
	}
	return nil
}

// close lets go of the file and of its lock. A nil ledger is closed.
func (l *ledger) close() error {
	if l == nil {
		return nil
	}
	return l.f.Close()
}
