package configfile

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
)

func write(t testing.TB, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "herd.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	odd := herd.Default()
	odd.Herd = `q"\<&>é` + "\t"
	odd.Limits.CloseAfterReply = true
	odd.Limits.RecordBytes = 1 << 60
	odd.Servers = []herd.Server{{Name: "Solo", Clients: "[::1]:0"}}
	for _, want := range []herd.Config{herd.Default(), odd} {
		var text bytes.Buffer
		if err := Write(&text, want); err != nil {
			t.Fatal(err)
		}
		var got herd.Config
		if err := decode(text.Bytes(), &got); err != nil {
			t.Fatalf("%v in\n%s", err, text.String())
		}
		if want.Servers[0].TalksTo == nil {
			want.Servers[0].TalksTo, want.Servers[0].Shards = []string{}, []int{} // nil and empty are the same list
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("read %+v, wrote %+v", got, want)
		}
	}
}

func TestAFileSaysOnlyWhatDiffers(t *testing.T) {
	empty, warnings, err := Read(write(t, "{}"))
	if err != nil || len(warnings) != 0 || !reflect.DeepEqual(empty, herd.Default()) {
		t.Errorf("an empty object: %+v, %q, %v", empty, warnings, err)
	}
	cfg, _, err := Read(write(t, "\ufeff{\r\n\t\"upstream\": {\"timeout\": \"1500ms\"}, \"log\": {\"lines\": false},\n"+
		` "herd": "\u0041\"", "limits": {"records": 7, "close_after_reply": true}} `+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := herd.Default()
	want.Upstream.Timeout = herd.Duration(1500 * time.Millisecond)
	want.Log.Lines = false
	want.Herd = `A"`
	want.Limits.Records = 7
	want.Limits.CloseAfterReply = true
	if !reflect.DeepEqual(cfg, want) {
		t.Errorf("read %+v, want %+v", cfg, want)
	}
}

func TestAListReplacesTheDefaultWhole(t *testing.T) {
	text := `{"servers": [{"name": "A", "clients": "127.0.0.1:1"}, {"name": "B", "clients": "127.0.0.1:2"}]}`
	cfg, warnings, err := Read(write(t, text))
	want := []herd.Server{{Name: "A", Clients: "127.0.0.1:1"}, {Name: "B", Clients: "127.0.0.1:2"}}
	if err != nil || !reflect.DeepEqual(cfg.Servers, want) {
		t.Errorf("read %+v, %v", cfg.Servers, err)
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], "A") {
		t.Errorf("two servers that are not linked: warnings %q", warnings)
	}
}

func TestMistakesAreRefusedWithTheirPlace(t *testing.T) {
	cases := []struct {
		text string
		want error
		says string
	}{
		{`{"servers": [{}, {"talk_to": []}]}`, ErrUnknownKey, "1:19: servers[1].talk_to: unknown key: did you mean talks_to?"},
		{"{\n  \"Herd\" : \"x\"}", ErrUnknownKey, "2:3: Herd: unknown key: did you mean herd?"},
		{`{"upstream": {"zzzzzzzz": 1}}`, ErrUnknownKey, "1:15: upstream.zzzzzzzz: unknown key: the keys here are kind, url, key_env, key_file, format, timeout, attempt_timeout, connect_timeout, cache, workers"},
		{`{"a\"b\\": 1}`, ErrUnknownKey, `1:2: a"b\: unknown key`},
		{`{"": 1}`, ErrUnknownKey, "1:2"},
		{`{"log": {"dir": "a", "dir": "b"}}`, ErrDuplicateKey, "1:22: log.dir: the key is given twice: remove one of them"},
		{`{"log": {}, "log": {}}`, ErrDuplicateKey, "1:13: log"},

		{`{"servers": {}}`, ErrWrongType, "1:13: servers: wrong type of value: this is an object; give a list of objects"},
		{`{"servers": [[]]}`, ErrWrongType, "1:14: servers[0]: wrong type of value: this is a list; give an object in braces"},
		{`{"servers": [{"talks_to": ["a", 5]}]}`, ErrWrongType, "1:33: servers[0].talks_to[1]: wrong type of value: this is a number; give a text in quotes"},
		{`{"servers": null}`, ErrWrongType, "1:13: servers: wrong type of value: this is null"},
		{"{\"limits\": {\n\t\"records\":   \"many\"}}", ErrWrongType, "2:15: limits.records: wrong type of value: this is a text; give a whole number"},
		{`{"log": {"lines": 1}}`, ErrWrongType, "1:19: log.lines: wrong type of value: this is a number; give true or false"},
		{`{"future": 300}`, ErrWrongType, `1:12: future: wrong type of value: this is a number; give a duration, such as "5s"`},
		{`{"future": "soon"}`, herd.ErrBadDuration, "1:12: future"},
		{`[]`, ErrWrongType, "1:1: wrong type of value"},
		{`"x"`, ErrWrongType, "1:1"},
		{`{"limits": {"records": 1.5}}`, ErrWrongType, "1:24: limits.records: wrong type of value: 1.5 is not a whole number"},
		{`{"limits": {"records": 1e3}}`, ErrWrongType, "1e3 is not a whole number"},
		{`{"limits": {"records": 007}}`, ErrWrongType, "007 is not a whole number"},
		{`{"limits": {"records": -0}}`, ErrWrongType, "-0 is not a whole number"},
		{`{"limits": {"records": 99999999999999999999}}`, ErrWrongType, "99999999999999999999 is too large a number"},

		{"{}\n{}", ErrTrailing, "2:1: there is text after the end"},
		{"{} x", ErrTrailing, "1:4"},
		{"", ErrSyntax, "1:1: this is not JSON: the file ends too early"},
		{" \n", ErrSyntax, "2:1"},
		{`{`, ErrSyntax, "ends too early"},
		{`{"herd"`, ErrSyntax, "ends too early"},
		{`{"herd": `, ErrSyntax, "ends too early"},
		{`{"herd": "x`, ErrSyntax, "1:12: herd: this is not JSON: the file ends too early"},
		{`{"limits": {"records": 5`, ErrSyntax, "ends too early"},
		{`{"herd": "x",}`, ErrSyntax, `1:14: this is not JSON: '}' does not fit here`},
		{`{"herd": "x" "log": {}}`, ErrSyntax, `1:14: this is not JSON: '"' does not fit here`},
		{`{"servers": [,]}`, ErrSyntax, "1:14: servers[0]: this is not JSON: ',' does not fit here"},
		{`{"servers": [{},]}`, ErrSyntax, "1:17: servers[1]: this is not JSON: ']' does not fit here"},
		{`{"servers": [{} {}]}`, ErrSyntax, "1:17: servers"},
		{`{herd: "x"}`, ErrSyntax, "1:2"},
		{`{"herd": 'x'}`, ErrSyntax, "1:10: herd"},
		{`{"herd": "\x"}`, ErrSyntax, "1:12: herd"},
		{`{"log": {"lines": tru}}`, ErrSyntax, "1:22: log.lines"},
		{"{\"herd\": \"x\n\"}", ErrSyntax, "1:12: herd: this is not JSON: a line end or control character inside a text"},
		{"{\"herd\": \"\xff\"}", ErrSyntax, "1:11: this is not JSON: a byte here is not UTF-8"},
		{`// no comments`, ErrSyntax, "1:1"},
	}
	for _, c := range cases {
		path := write(t, c.text)
		cfg, _, err := Read(path)
		if !errors.Is(err, c.want) || !strings.HasPrefix(err.Error(), path+":") || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s\n  says %v\n  want %v: %s", c.text, err, c.want, c.says)
		}
		if place := (*PlaceError)(nil); !errors.As(err, &place) {
			t.Errorf("%s: the error has no place", c.text)
		}
		if !reflect.DeepEqual(cfg, herd.Config{}) {
			t.Errorf("%s: settings came all the same", c.text)
		}
	}
}

func TestSettingsThatCannotBeRunAreRefused(t *testing.T) {
	path := write(t, `{"upstream": {"workers": 0}, "herd": ""}`)
	_, _, err := Read(path)
	if !errors.Is(err, herd.ErrOutOfRange) || !strings.Contains(err.Error(), path+": ") ||
		!strings.Contains(err.Error(), "upstream.workers") || !strings.Contains(err.Error(), "herd") {
		t.Errorf("the error is %v", err)
	}
}

func TestFilesThatAreNotConfigurations(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none.json")
	if _, _, err := Read(missing); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "herd init") {
		t.Errorf("a missing file: %v", err)
	}
	if _, _, err := Read(t.TempDir()); err == nil {
		t.Error("a directory was read")
	}
	if _, _, err := Read(write(t, strings.Repeat(" ", maxFile+1))); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a large file: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	var text bytes.Buffer
	if err := Write(&text, herd.Default()); err != nil {
		f.Fatal(err)
	}
	f.Add(text.Bytes())
	f.Add([]byte(`{"servers": [{"talks_to": ["a\u0041"]}], "log": {"lines": true}, "future": "5m"} x`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var got herd.Config
		err := decode(data, &got)
		place := (*PlaceError)(nil)
		if err != nil {
			if !errors.As(err, &place) || place.Line < 1 || place.Column < 1 {
				t.Fatalf("%q: %v", data, err)
			}
			return
		}
		// What is taken is JSON by the standard library's stricter reading, too.
		again, ok := standard(data)
		if !ok {
			t.Fatalf("%q was taken, and is not JSON", data)
		}
		if !reflect.DeepEqual(normal(got), normal(again)) {
			t.Fatalf("%q is read as %+v, by the standard library as %+v", data, got, again)
		}
	})
}
