package configfile

import (
	"errors"
	"fmt"
	"io"
	"os"

	jsoniter "github.com/json-iterator/go"

	"proxyherd/herd"
)

// ErrExists is a configuration file that is there already.
var ErrExists = errors.New("the configuration file exists already")

// plainJSON leaves <, > and & as they are, which json-iterator's usual settings
// escape for web pages.
var plainJSON = jsoniter.Config{IndentionStep: 2}.Froze()

// Write writes every key of cfg, ready to be edited. Read gives the same
// settings back. The error is the writer's.
func Write(w io.Writer, cfg herd.Config) error {
	// A list that is nil would be written as null, which is not a list.
	cfg.Servers = append([]herd.Server{}, cfg.Servers...)
	for i, s := range cfg.Servers {
		cfg.Servers[i].TalksTo = append([]string{}, s.TalksTo...)
		cfg.Servers[i].Shards = append([]int{}, s.Shards...)
	}
	text, err := plainJSON.Marshal(cfg)
	if err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	if _, err := w.Write(append(text, '\n')); err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	return nil
}

// WriteNew writes herd.Default to a new file at path. It never writes over a
// file: the error is then ErrExists, else what the file system said.
func WriteNew(path string) (err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%w: %s; move it away, or name another file", ErrExists, path)
	}
	if err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return Write(file, herd.Default())
}
