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
	if u.KeyFile == "" || filepath.IsAbs(u.KeyFile) {
		return nil
	}
	path, err := filepath.Abs(filepath.Join(filepath.Dir(configPath), u.KeyFile))
	if err != nil {
		return fmt.Errorf("upstream.key_file: %w", err)
	}
	u.KeyFile = path
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
	text, err := readPrivate(path, maxKey)
	switch {
	case errors.Is(err, errOpenToOthers):
		err = fmt.Errorf("%w: %w", ErrKeyOpen, err)
	case errors.Is(err, errTooLong):
		err = fmt.Errorf("%w: %w", ErrKeyForm, err)
	case errors.Is(err, os.ErrNotExist):
		err = fmt.Errorf("%w: %w", ErrKeyMissing, err)
	}
	if err != nil {
		return "", fmt.Errorf("upstream.key_file: %w", err)
	}
	switch text = bytes.TrimSpace(text); {
	case len(text) == 0:
		return "", fmt.Errorf("upstream.key_file: %w: %s is empty", ErrKeyMissing, path)
	case bytes.ContainsAny(text, "\r\n"):
		return "", fmt.Errorf("upstream.key_file: %w: %s has more", ErrKeyForm, path)
	}
	return string(text), nil
}
