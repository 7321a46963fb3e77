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
func Read(path string) (cfg herd.Config, warnings []string, err error) { return ReadWith(path) }

// ReadWith is Read with settings from elsewhere over those of the file, each
// layer over those before it. Without a path they are over herd.Default alone. An
// error of theirs says where they come from.
func ReadWith(path string, layers ...[]Override) (cfg herd.Config, warnings []string, err error) {
	data := []byte("{}")
	if path != "" {
		if data, err = readFile(path); err != nil {
			return herd.Config{}, nil, fmt.Errorf("configuration: %w", err)
		}
	}
	cfg, warnings, err = parse(data, layers...)
	switch {
	case err == nil:
		return cfg, warnings, nil
	case path == "" || errors.As(err, &elsewhereError{}):
		return herd.Config{}, nil, err
	}
	if _, found := errors.AsType[*PlaceError](err); found {
		return herd.Config{}, nil, fmt.Errorf("%s:%w", path, err)
	}
	return herd.Config{}, nil, fmt.Errorf("%s: %w", path, err)
}

// elsewhereError is a mistake that is not in the file.
type elsewhereError struct{ error }

func (e elsewhereError) Unwrap() error { return e.error }

// readFile returns what is in a file of at most maxFile bytes.
func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w; herd init writes a file to start from", err)
	}
	if err != nil {
		return nil, err
	}
	defer file.Close() // opened for reading: closing loses nothing
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("%s: %w", path, ErrTooLarge)
	}
	return data, err
}

func parse(data []byte, layers ...[]Override) (herd.Config, []string, error) {
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
	var errs []error
	for _, layer := range layers {
		errs = append(errs, applyLayer(&cfg, layer))
	}
	if err := errors.Join(errs...); err != nil {
		return herd.Config{}, nil, elsewhereError{err}
	}
	if cfg.Upstream.URL == "" && cfg.Upstream.Kind == usual.Kind {
		cfg.Upstream.URL = usual.URL
	}
	warnings, err := cfg.Check()
	if err != nil {
		err = errors.Join(err, culprits(err, layers))
	}
	return cfg, warnings, err
}
