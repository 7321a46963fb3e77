package configfile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"proxyherd/herd"
)

func TestTheTokenIsReadFromItsFile(t *testing.T) {
	const token = "0123456789abcdef-token"
	for _, test := range []struct {
		what, text string
		mode       os.FileMode
		want       error
	}{
		{"a token", token + "\n", 0o600, nil},
		{"a token without a line end", token, 0o400, nil},
		{"others may read it", token, 0o644, ErrTokenOpen},
		{"its group may read it", token, 0o640, ErrTokenOpen},
		{"nothing", "", 0o600, ErrTokenMissing},
		{"an empty line", "\n", 0o600, ErrTokenMissing},
		{"two tokens", token + "\n" + token, 0o600, ErrTokenForm},
		{"too much", strings.Repeat("x", maxKey+1), 0o600, ErrTokenForm},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "token"), []byte(test.text), test.mode); err != nil {
			t.Fatal(err)
		}
		cfg := herd.Config{HTTPTokenFile: "token"}
		if err := AbsoluteTokenFile(filepath.Join(dir, "herd.json"), &cfg); err != nil || cfg.HTTPTokenFile != filepath.Join(dir, "token") {
			t.Fatalf("%q, %v", cfg.HTTPTokenFile, err)
		}
		got, err := HTTPToken(cfg)
		if !errors.Is(err, test.want) || (got == token) != (test.want == nil) {
			t.Errorf("%s: %q, %v; want %v", test.what, got, err, test.want)
		}
		if err != nil && (strings.Contains(err.Error(), token) || !strings.Contains(err.Error(), "http_token_file: ")) {
			t.Errorf("%s: %v", test.what, err)
		}
	}
	if _, err := HTTPToken(herd.Config{HTTPTokenFile: filepath.Join(t.TempDir(), "none")}); !errors.Is(err, ErrTokenMissing) {
		t.Errorf("without the file: %v", err)
	}
	none := herd.Config{}
	if err := AbsoluteTokenFile("herd.json", &none); err != nil || none.HTTPTokenFile != "" {
		t.Errorf("%q, %v", none.HTTPTokenFile, err)
	}
	if got, err := HTTPToken(none); got != "" || err != nil {
		t.Errorf("without the setting: %q, %v", got, err)
	}
}
