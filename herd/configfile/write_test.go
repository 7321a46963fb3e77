package configfile

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"proxyherd/herd"
)

var errBroken = errors.New("broken pipe")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestANewFileIsReadyToEdit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "herd.json")
	if err := WriteNew(path); err != nil {
		t.Fatal(err)
	}
	cfg, warnings, err := Read(path)
	if err != nil || len(warnings) != 0 || !reflect.DeepEqual(cfg, herd.Default()) {
		t.Errorf("read %+v, %q, %v", cfg, warnings, err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"{\n", "  \"herd\": \"herd\",\n", "      \"name\": \"Farmar\",\n", "    \"timeout\": \"5s\",\n", "\n}\n"} {
		if !strings.Contains(string(text), line) {
			t.Errorf("the file has no line %q:\n%s", line, text)
		}
	}
	// Every key is there, so that editing needs no manual.
	for _, s := range settings() {
		key := s.path[strings.LastIndexByte(s.path, '.')+1:]
		if !strings.Contains(string(text), `"`+key+`": `) {
			t.Errorf("the file lacks %s", s.path)
		}
	}

	// A second time it is left alone.
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := WriteNew(path); !errors.Is(err, ErrExists) || !strings.Contains(err.Error(), path) {
		t.Errorf("over an old file: %v", err)
	}
	if text, _ := os.ReadFile(path); string(text) != "mine" {
		t.Errorf("the old file is now %q", text)
	}
	if err := WriteNew(filepath.Join(path, "x")); err == nil || errors.Is(err, ErrExists) {
		t.Errorf("below a file: %v", err)
	}
}

func TestWriteLeavesItsArgumentAlone(t *testing.T) {
	cfg := herd.Config{Servers: []herd.Server{{Name: "A"}}}
	if err := Write(&bytes.Buffer{}, cfg); err != nil {
		t.Fatal(err)
	}
	if cfg.Servers[0].TalksTo != nil {
		t.Error("the caller's servers were changed")
	}
}

func TestAWriterThatFailsIsSaid(t *testing.T) {
	if err := Write(brokenWriter{}, herd.Default()); !errors.Is(err, errBroken) {
		t.Errorf("Write: %v", err)
	}
	if err := Describe(brokenWriter{}); !errors.Is(err, errBroken) {
		t.Errorf("Describe: %v", err)
	}
}

func TestEverySettingIsDescribed(t *testing.T) {
	all := settings()
	known := make(map[string]bool)
	for _, s := range all {
		known[s.path] = true
		if !strings.HasSuffix(meanings[s.path], ".") {
			t.Errorf("%s has no description", s.path)
		}
	}
	for path := range meanings {
		if !known[path] {
			t.Errorf("%s is described, and is no setting", path)
		}
	}
	if len(all) < 25 || len(known) != len(all) {
		t.Errorf("%d settings, %d of them different", len(all), len(known))
	}
	var text bytes.Buffer
	if err := Describe(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"herd: a text in quotes, default \"herd\"\n    HERD_HERD\n    The herd's name.",
		"servers[].talks_to: a list of texts, default []\n    HERD_SERVERS_N_TALKS_TO\n",
		"upstream.timeout: a duration, such as \"5s\", default \"5s\"\n",
		"upstream.workers: a whole number, default 32\n",
		"log.lines: true or false, default true\n",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the description lacks %q:\n%s", want, text.String())
		}
	}
	if n := strings.Count(text.String(), "\n"); n != 3*len(all) {
		t.Errorf("%d lines for %d settings", n, len(all))
	}
}

func TestASettingOfANewKindIsNotPassedOver(t *testing.T) {
	defer func() {
		if text, _ := recover().(string); !strings.Contains(text, "float64") {
			t.Errorf("the panic says %q", text)
		}
	}()
	var cfg struct {
		Share float64 `json:"share"`
	}
	err := decode([]byte(`{"share": 1}`), &cfg)
	t.Errorf("a setting that nothing reads was taken: %v", err)
}
