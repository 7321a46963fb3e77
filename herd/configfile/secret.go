package configfile

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"proxyherd/herd"
)

// SecretName is the file that holds the secret of a herd on loopback whose
// configuration names none; it lies beside the configuration.
const SecretName = ".herd-secret"

const (
	secretBytes = 32   // of a secret that is made here, before it is written in hex
	maxSecret   = 4096 // bytes of a secret file
)

// What can be wrong with the secret.
var (
	ErrSecretNeeded = errors.New("a herd beyond loopback needs a secret")
	ErrSecretOpen   = errors.New("the secret can be read by others")
	ErrSecretForm   = errors.New("the secret file must hold one secret on a line, or two while they are changed")
)

// Secret returns the keys of the herd that is described by cfg, which came from
// configPath: the first is the one to prove with, a second is also accepted. They
// are the caller's own.
//
// With secret_file set they are that file's lines, one or two; a relative path
// starts at the configuration's directory. Without it, and with every server
// listening on loopback alone, they are those of [SecretName] beside the configuration; whichever
// server starts first makes it, and all others find it whole. The error is
// ErrSecretNeeded, ErrSecretOpen, ErrSecretForm, herd.ErrShortSecret, or what the
// file system said.
func Secret(configPath string, cfg herd.Config) (keys [][]byte, err error) {
	dir := filepath.Dir(configPath)
	if cfg.SecretFile != "" {
		path := cfg.SecretFile
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		return readSecret(path)
	}
	if where, address := beyondLoopback(cfg.Servers); where != "" {
		return nil, fmt.Errorf("%w: %s is %q; write 32 random bytes in hex into a file that only its owner can read, "+
			"give each machine a copy and name it in secret_file (head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \\n'), "+
			"or use 127.0.0.1", ErrSecretNeeded, where, address)
	}
	path := filepath.Join(dir, SecretName)
	keys, err = readSecret(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return keys, err
	}
	if err := makeSecret(path); err != nil {
		return nil, fmt.Errorf("make the herd's secret: %w", err)
	}
	// What counts is what is there now, be it this process's or another's.
	return readSecret(path)
}

// beyondLoopback is the first address to listen on that can be reached from
// elsewhere. Where the others dial it says nothing about that.
func beyondLoopback(servers []herd.Server) (where, address string) {
	for i, s := range servers {
		bound := s.Bound()
		for _, a := range []struct{ key, own, address string }{
			{"clients", s.Listen.Clients, bound.Clients}, {"peers", s.Listen.Peers, bound.Peers}, {"http", s.Listen.HTTP, bound.HTTP},
		} {
			if a.address == "" || onLoopback(a.address) {
				continue
			}
			if a.own != "" {
				a.key = "listen." + a.key
			}
			return fmt.Sprintf("servers[%d].%s", i, a.key), a.address
		}
	}
	return "", ""
}

// onLoopback looks at the text alone. Of the names, only localhost is known to be
// this machine, and no server listens where that is another one; an empty host is
// every interface.
func onLoopback(address string) bool {
	host, _, ok := herd.SplitAddress(address)
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return ok && err == nil && ip.Unmap().IsLoopback()
}

func readSecret(path string) ([][]byte, error) {
	text, err := readPrivate(path, maxSecret)
	switch {
	case errors.Is(err, errOpenToOthers):
		return nil, fmt.Errorf("%w: %w", ErrSecretOpen, err)
	case errors.Is(err, errTooLong):
		return nil, fmt.Errorf("%w: %w", ErrSecretForm, err)
	case err != nil:
		return nil, fmt.Errorf("read the herd's secret: %w", err)
	}
	var keys [][]byte
	for line := range bytes.Lines(text) {
		if key := bytes.TrimSpace(line); len(key) > 0 {
			keys = append(keys, key)
		}
	}
	if len(keys) < 1 || len(keys) > 2 {
		return nil, fmt.Errorf("%w: %s has %d", ErrSecretForm, path, len(keys))
	}
	for i, key := range keys {
		if err := herd.CheckSecret(key); err != nil {
			return nil, fmt.Errorf("%s, secret %d: %w", path, i+1, err)
		}
	}
	return keys, nil
}

// makeSecret puts a new secret at path unless there is one. It is written under
// another name first and then linked, which fails if the name is taken: nobody
// ever sees a part of it, and of several makers one wins.
func makeSecret(path string) (err error) {
	key := make([]byte, secretBytes)
	rand.Read(key)                                                  // never fails: it ends the program rather than give weak bytes
	file, err := os.CreateTemp(filepath.Dir(path), SecretName+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(file.Name())) }()
	_, err = file.WriteString(hex.EncodeToString(key) + "\n")
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Link(file.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
