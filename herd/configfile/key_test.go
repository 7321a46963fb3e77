package configfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"proxyherd/herd"
)

func TestTheKeyOfTheUpstreamFromTheEnvironment(t *testing.T) {
	t.Setenv("CONFIGFILE_TEST_KEY", " k3y-in-env\n")
	t.Setenv("CONFIGFILE_TEST_EMPTY", " ")
	for name, want := range map[string]string{"": "", "CONFIGFILE_TEST_KEY": "k3y-in-env"} {
		if key, err := UpstreamKey(herd.Upstream{KeyEnv: name}); key != want || err != nil {
			t.Errorf("%q: %q, %v", name, key, err)
		}
	}
	for _, name := range []string{"CONFIGFILE_TEST_EMPTY", "CONFIGFILE_TEST_UNSET"} {
		_, err := UpstreamKey(herd.Upstream{KeyEnv: name})
		if !errors.Is(err, ErrKeyMissing) || !strings.HasPrefix(err.Error(), "upstream.key_env: ") || !strings.Contains(err.Error(), "export "+name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheKeyOfTheUpstreamFromAFile(t *testing.T) {
	const key = "k3y-in-a-file"
	cases := []struct {
		name string
		text string
		mode fs.FileMode
		want error
		says string
	}{
		{"a line", key + "\n", 0o600, nil, ""},
		{"without its end", key, 0o400, nil, ""},
		{"among white space", "\r\n " + key + "\t\r\n\n", 0o600, nil, ""},
		{"nothing", " \n", 0o600, ErrKeyMissing, "is empty"},
		{"two lines", key + "\n" + key + "\n", 0o600, ErrKeyForm, "has more"},
		{"a long file", strings.Repeat(key, maxKey), 0o600, ErrKeyForm, "longer than 4096 bytes"},
		{"open to the group", key, 0o640, ErrKeyOpen, "mode 0640; run chmod 600 "},
		{"open to all", key, 0o604, ErrKeyOpen, "chmod 600"},
	}
	for _, c := range cases {
		path := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(path, []byte(c.text), c.mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, c.mode); err != nil { // whatever the umask
			t.Fatal(err)
		}
		got, err := UpstreamKey(herd.Upstream{KeyFile: path})
		if c.want == nil {
			if got != key || err != nil {
				t.Errorf("%s: %q, %v", c.name, got, err)
			}
			continue
		}
		if got != "" || !errors.Is(err, c.want) {
			t.Errorf("%s: %q, %v", c.name, got, err)
			continue
		}
		for _, says := range []string{"upstream.key_file: ", path, c.says} {
			if !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v does not say %q", c.name, err, says)
			}
		}
		if strings.Contains(err.Error(), key) {
			t.Errorf("%s: the error holds the key: %v", c.name, err)
		}
	}
	if _, err := UpstreamKey(herd.Upstream{KeyFile: filepath.Join(t.TempDir(), "none")}); !errors.Is(err, ErrKeyMissing) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestARelativeKeyFileStartsAtTheConfiguration(t *testing.T) {
	dir := t.TempDir()
	for given, want := range map[string]string{"": "", "/a/key": "/a/key", "sub/key": filepath.Join(dir, "sub/key")} {
		u := herd.Upstream{KeyFile: given}
		if err := AbsoluteKeyFile(filepath.Join(dir, "herd.json"), &u); err != nil || u.KeyFile != want {
			t.Errorf("%q became %q, %v", given, u.KeyFile, err)
		}
	}
}

// A file that names a kind does not get the address of the default's kind.
func TestAKindIsEnough(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                                          herd.Default().Upstream.URL,
		`{"upstream":{"kind":"twitter"}}`:             herd.Default().Upstream.URL,
		`{"upstream":{"url":""}}`:                     herd.Default().Upstream.URL,
		`{"upstream":{"kind":"wikipedia"}}`:           "",
		`{"upstream":{"url":"http://h/"}}`:            "http://h/",
		`{"upstream":{"kind":"x","url":"http://h/"}}`: "http://h/",
	} {
		path := filepath.Join(t.TempDir(), "herd.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		config, _, err := Read(path)
		if err != nil || config.Upstream.URL != want {
			t.Errorf("%s: %q, %v", text, config.Upstream.URL, err)
		}
	}
}
