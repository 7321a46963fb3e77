package configfile

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"proxyherd/herd"
)

// starterVariable makes the test binary one of the processes of
// TestAllThatStartTogetherFindOneSecret: it prints the secret of the
// configuration at that path, and leaves.
const starterVariable = "CONFIGFILE_TEST_SECRET_OF"

func TestMain(m *testing.M) {
	path, starter := os.LookupEnv(starterVariable)
	if !starter {
		os.Exit(m.Run())
	}
	keys, err := Secret(path, herd.Default())
	if err != nil {
		os.Stderr.WriteString(err.Error())
		os.Exit(1)
	}
	os.Stdout.Write(keys[0])
	os.Exit(0)
}

func TestAHerdOnLoopbackMakesItsSecret(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "herd.json")
	first, err := Secret(config, herd.Default())
	if err != nil {
		t.Fatal(err)
	}
	if len(first) != 1 {
		t.Fatalf("%d keys", len(first))
	}
	if raw, err := hex.DecodeString(string(first[0])); err != nil || len(raw) != secretBytes {
		t.Errorf("the key %q is not %d bytes in hex", first[0], secretBytes)
	}
	info, err := os.Stat(filepath.Join(dir, SecretName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the secret file: %v, %v", info, err)
	}
	again, err := Secret(config, herd.Default())
	if err != nil || string(again[0]) != string(first[0]) {
		t.Errorf("the second time %q, %v; the first %q", again, err, first)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("%d files are left", len(left))
	}
	other, err := Secret(filepath.Join(t.TempDir(), "herd.json"), herd.Default())
	if err != nil || string(other[0]) == string(first[0]) {
		t.Errorf("another herd has the secret %q, %v", other, err)
	}
}

func TestAllThatStartTogetherFindOneSecret(t *testing.T) {
	const rounds, goroutines, processes = 20, 16, 4
	for round := range rounds {
		config := filepath.Join(t.TempDir(), "herd.json")
		found := make(chan string, goroutines+processes)
		var all sync.WaitGroup
		start := make(chan struct{})
		for range goroutines {
			all.Go(func() {
				<-start
				keys, err := Secret(config, herd.Default())
				if err != nil {
					t.Error(err)
					return
				}
				found <- string(keys[0])
			})
		}
		if round == 0 {
			for range processes {
				all.Go(func() {
					<-start
					starter := exec.Command(os.Args[0])
					starter.Env = append(os.Environ(), starterVariable+"="+config)
					out, err := starter.Output()
					if err != nil {
						t.Error(err)
						return
					}
					found <- string(out)
				})
			}
		}
		close(start)
		all.Wait()
		close(found)
		var secrets []string
		for s := range found {
			secrets = append(secrets, s)
		}
		want := goroutines
		if round == 0 {
			want += processes
		}
		if len(secrets) != want || len(slices.Compact(secrets)) != 1 {
			t.Fatalf("round %d: %d starters found %q", round, len(secrets), secrets)
		}
	}
}

func TestAddressesBeyondLoopbackNeedASecret(t *testing.T) {
	for address, loopback := range map[string]bool{
		"127.0.0.1:1": true, "127.9.9.9:1": true, "[::1]:1": true, "localhost:1": true, "LocalHost:1": true, "[::ffff:127.0.0.1]:1": true,
		":1": false, "0.0.0.0:1": false, "[::]:1": false, "10.0.0.1:1": false, "128.0.0.1:1": false, "example.org:1": false,
		"127.0.0.1.example.org:1": false, "127.0.0.1": false,
	} {
		for _, key := range []string{"clients", "peers", "http"} {
			cfg := herd.Default()
			server := &cfg.Servers[3]
			*map[string]*string{"clients": &server.Clients, "peers": &server.Peers, "http": &server.HTTP}[key] = address
			dir := t.TempDir()
			_, err := Secret(filepath.Join(dir, "herd.json"), cfg)
			if loopback && err != nil {
				t.Errorf("%s %s: %v", key, address, err)
			}
			if loopback {
				continue
			}
			if !errors.Is(err, ErrSecretNeeded) || !strings.Contains(err.Error(), "servers[3]."+key) || !strings.Contains(err.Error(), "secret_file") {
				t.Errorf("%s %s: %v", key, address, err)
			}
			if left, _ := os.ReadDir(dir); len(left) != 0 {
				t.Errorf("%s %s: a secret was made all the same", key, address)
			}
		}
	}
}

// What counts is where a server listens: an address that is forwarded to loopback is on
// loopback, and one on every address is not, whatever the others dial.
func TestWhereAServerListensDecidesAboutTheSecret(t *testing.T) {
	for name, c := range map[string]struct {
		change func(s *herd.Server)
		where  string // of the address that needs a secret; empty: none does
	}{
		"forwarded": {func(s *herd.Server) {
			s.Clients, s.Listen.Clients = "example.org:1", "127.0.0.1:1"
			s.Peers, s.Listen.Peers = "10.0.0.1:2", "[::1]:2"
			s.HTTP, s.Listen.HTTP = "example.org:3", "localhost:3"
		}, ""},
		"on every address":         {func(s *herd.Server) { s.Listen.Peers = ":12100" }, "servers[3].listen.peers"},
		"by a name":                {func(s *herd.Server) { s.Listen.Clients = "example.org:1" }, "servers[3].listen.clients"},
		"only one of them":         {func(s *herd.Server) { s.Listen = herd.Listen{Clients: "127.0.0.1:1", HTTP: "[::]:3"} }, "servers[3].listen.http"},
		"dialled beyond, listened": {func(s *herd.Server) { s.Peers, s.Listen.Clients = "10.0.0.1:2", "127.0.0.1:1" }, "servers[3].peers"},
	} {
		cfg := herd.Default()
		c.change(&cfg.Servers[3])
		_, err := Secret(filepath.Join(t.TempDir(), "herd.json"), cfg)
		if (err == nil) != (c.where == "") || err != nil && (!errors.Is(err, ErrSecretNeeded) || !strings.Contains(err.Error(), c.where+" is ")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestASecretFileIsRead(t *testing.T) {
	const one, two = "sixteen bytes...", "another sixteen!"
	cases := []struct {
		name, text string
		mode       fs.FileMode
		keys       []string
		want       error
		says       string
	}{
		{"one key", one, 0o600, []string{one}, nil, ""},
		{"one key on a line", "  " + one + " \r\n", 0o400, []string{one}, nil, ""},
		{"two keys", one + "\n\n" + two + "\n", 0o600, []string{one, two}, nil, ""},
		{"three keys", one + "\n" + two + "\n" + one, 0o600, nil, ErrSecretForm, "has 3"},
		{"no key", "\n \n", 0o600, nil, ErrSecretForm, "has 0"},
		{"a short key", "fifteen bytes..\n", 0o600, nil, herd.ErrShortSecret, "secret 1"},
		{"a short second key", one + "\nshort\n", 0o600, nil, herd.ErrShortSecret, "secret 2"},
		{"a long file", strings.Repeat("x", maxSecret+1), 0o600, nil, ErrSecretForm, "longer"},
		{"open to the group", one, 0o640, nil, ErrSecretOpen, "mode 0640; run chmod 600 "},
		{"open to all", one, 0o604, nil, ErrSecretOpen, "chmod 600"},
	}
	for _, c := range cases {
		dir := t.TempDir()
		path := filepath.Join(dir, "secret")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, c.mode); err != nil {
			t.Fatal(err)
		}
		// A relative path starts at the configuration, wherever the server runs.
		for _, name := range []string{path, "secret"} {
			cfg := herd.Default()
			cfg.Servers[0].Clients = ":12000" // with a secret any address will do
			cfg.SecretFile = name
			keys, err := Secret(filepath.Join(dir, "herd.json"), cfg)
			var got []string
			for _, key := range keys {
				got = append(got, string(key))
			}
			if !slices.Equal(got, c.keys) || !errors.Is(err, c.want) {
				t.Errorf("%s: %q, %v", c.name, got, err)
			}
			if err != nil && (!strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path)) {
				t.Errorf("%s: the error is %v, want one that says %q and names the file", c.name, err, c.says)
			}
		}
	}
}

func TestASecretFileThatIsNotThereIsNotMade(t *testing.T) {
	dir := t.TempDir()
	cfg := herd.Default()
	cfg.SecretFile = "secret"
	if _, err := Secret(filepath.Join(dir, "herd.json"), cfg); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing secret file: %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("%d files were made", len(left))
	}
	cfg.SecretFile = ""
	if _, err := Secret(filepath.Join(dir, "none", "herd.json"), cfg); err == nil {
		t.Error("a secret was made in a directory that is not there")
	}
}
