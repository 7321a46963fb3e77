package configfile

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"proxyherd/herd"
)

// maxKey is the most bytes of a file with a key.
const maxKey = 4096

// What can be wrong with the key of the upstream.
var (
	ErrKeyMissing = errors.New("the upstream's key is not there")
	ErrKeyOpen    = errors.New("the upstream's key can be read by others")
	ErrKeyForm    = errors.New("the key file must hold one key on one line")
)

// UpstreamKey returns the key that u says where to find, and "" if it names
// neither a variable nor a file. White space around it is taken off. Whether it
// is needed, and can be a key, is for whoever sends it. The error is
// ErrKeyMissing, ErrKeyOpen, ErrKeyForm or what the file system said; it never
// holds the key.
func UpstreamKey(u herd.Upstream) (string, error) {
	switch {
	case u.KeyEnv != "":
		return keyFromEnv(u.KeyEnv)
	case u.KeyFile != "":
		return keyFromFile(u.KeyFile)
	}
	return "", nil
}

// AbsoluteKeyFile makes a path in upstream.key_file that is relative to the
// configuration's directory one that every process can open.
func AbsoluteKeyFile(configPath string, u *herd.Upstream) error {
	return absolute(configPath, "upstream.key_file", &u.KeyFile)
}

// AbsoluteJournalDir makes a path in journal.dir that is relative to the
// configuration's directory one that every process can open.
func AbsoluteJournalDir(configPath string, j *herd.Journal) error {
	return absolute(configPath, "journal.dir", &j.Dir)
}

// AbsoluteBackboneFiles makes paths in backbone.credentials_file and backbone.ca_file
// that are relative to the configuration's directory ones that every process can open.
func AbsoluteBackboneFiles(configPath string, b *herd.Backbone) error {
	return errors.Join(
		absolute(configPath, "backbone.credentials_file", &b.CredentialsFile),
		absolute(configPath, "backbone.ca_file", &b.CAFile))
}

// absolute makes the path in a setting absolute, if there is one.
func absolute(configPath, key string, path *string) error {
	if *path == "" || filepath.IsAbs(*path) {
		return nil
	}
	full, err := filepath.Abs(filepath.Join(filepath.Dir(configPath), *path))
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	*path = full
	return nil
}

func keyFromEnv(name string) (string, error) {
	key := strings.TrimSpace(os.Getenv(name))
	if key == "" {
		return "", fmt.Errorf("upstream.key_env: %w: the environment variable %s is empty or not set; "+
			"put the key there, as by: read -rs %[2]s && export %[2]s", ErrKeyMissing, name)
	}
	return key, nil
}

func keyFromFile(path string) (string, error) {
	return oneLine("upstream.key_file", path, secretLine{ErrKeyMissing, ErrKeyOpen, ErrKeyForm})
}

// secretLine is what can be wrong with a file that holds one line and is private.
type secretLine struct{ missing, open, form error }

// oneLine reads it, for a setting. White space around the line is taken off.
func oneLine(key, path string, wrong secretLine) (string, error) {
	text, err := readPrivate(path, maxKey)
	switch {
	case errors.Is(err, errOpenToOthers):
		err = fmt.Errorf("%w: %w", wrong.open, err)
	case errors.Is(err, errTooLong):
		err = fmt.Errorf("%w: %w", wrong.form, err)
	case errors.Is(err, os.ErrNotExist):
		err = fmt.Errorf("%w: %w", wrong.missing, err)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", key, err)
	}
	switch text = bytes.TrimSpace(text); {
	case len(text) == 0:
		return "", fmt.Errorf("%s: %w: %s is empty", key, wrong.missing, path)
	case bytes.ContainsAny(text, "\r\n"):
		return "", fmt.Errorf("%s: %w: %s has more", key, wrong.form, path)
	}
	return string(text), nil
}
