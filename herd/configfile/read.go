package configfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"proxyherd/herd"
)

// maxFile bounds a file that is read, in bytes. A herd of thousands of servers
// fits; a log given by mistake does not.
const maxFile = 4 << 20

// What can be wrong with a file before its settings are looked at. Each is found
// wrapped in a [PlaceError].
var (
	ErrSyntax       = errors.New("this is not JSON")
	ErrUnknownKey   = errors.New("unknown key")
	ErrDuplicateKey = errors.New("the key is given twice")
	ErrWrongType    = errors.New("wrong type of value")
	ErrTrailing     = errors.New("there is text after the end of the settings")
)

// ErrTooLarge is a file of more than 4 MiB.
var ErrTooLarge = errors.New("the file is too large for a configuration")

// PlaceError says where in a file something is wrong.
type PlaceError struct {
	Line, Column int    // from 1; columns count bytes
	Key          string // the key's path, such as servers[1].talks_to; "" outside any
	Err          error
}

// Error is the place and what is wrong there.
func (e *PlaceError) Error() string {
	if e.Key == "" {
		return fmt.Sprintf("%d:%d: %v", e.Line, e.Column, e.Err)
	}
	return fmt.Sprintf("%d:%d: %s: %v", e.Line, e.Column, e.Key, e.Err)
}

// Unwrap returns what is wrong.
func (e *PlaceError) Unwrap() error { return e.Err }

// Read reads the file at path over herd.Default and checks the result. A file
// that names upstream.kind and no upstream.url does not get the default's url,
// which is that of the default's kind, but an empty one: the kind's own. The
// warnings are those of herd.Config.Check. The error names the file and wraps a
// PlaceError, herd's FieldErrors, ErrTooLarge, or what the file system said; the
// Config is then the zero one.
func Read(path string) (cfg herd.Config, warnings []string, err error) {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return herd.Config{}, nil, fmt.Errorf("configuration: %w; herd init writes a file to start from", err)
	}
	if err != nil {
		return herd.Config{}, nil, fmt.Errorf("configuration: %w", err)
	}
	defer file.Close() // opened for reading: closing loses nothing
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return herd.Config{}, nil, fmt.Errorf("configuration: %w", err)
	}
	if len(data) > maxFile {
		return herd.Config{}, nil, fmt.Errorf("configuration: %s: %w", path, ErrTooLarge)
	}
	cfg, warnings, err = parse(data)
	if place := (*PlaceError)(nil); errors.As(err, &place) {
		return herd.Config{}, nil, fmt.Errorf("%s:%w", path, err)
	}
	if err != nil {
		return herd.Config{}, nil, fmt.Errorf("%s: %w", path, err)
	}
	return cfg, warnings, nil
}

func parse(data []byte) (herd.Config, []string, error) {
	// Some editors put a byte order mark before UTF-8; it says nothing.
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	cfg := herd.Default()
	// The default's address is that of the default's kind: where the file names a
	// kind and no address, it means the kind's own.
	usual := cfg.Upstream
	cfg.Upstream.URL = ""
	if err := decode(data, &cfg); err != nil {
		return herd.Config{}, nil, err
	}
	if cfg.Upstream.URL == "" && cfg.Upstream.Kind == usual.Kind {
		cfg.Upstream.URL = usual.URL
	}
	warnings, err := cfg.Check()
	return cfg, warnings, err
}
