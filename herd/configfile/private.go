package configfile

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// What can be wrong with a file that only its owner may read.
var (
	errOpenToOthers = errors.New("others can read the file")
	errTooLong      = errors.New("the file is too long")
)

// readPrivate reads a file of at most so many bytes that nobody but its owner
// can read. The error is errOpenToOthers, errTooLong, or what the file system
// said; it names the path, and nothing of what stands in the file.
func readPrivate(path string, most int) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() // opened for reading: closing loses nothing
	// Of the file that was opened, so that it cannot be another one by now.
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("%w: %s has mode %04o; run chmod 600 %s", errOpenToOthers, path, mode, path)
	}
	text, err := io.ReadAll(io.LimitReader(file, int64(most)+1))
	if err != nil {
		return nil, err
	}
	if len(text) > most {
		return nil, fmt.Errorf("%w: %s is longer than %d bytes", errTooLong, path, most)
	}
	return text, nil
}
