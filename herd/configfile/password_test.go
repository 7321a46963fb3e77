package configfile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"proxyherd/herd"
)

func TestThePasswordOfTheSink(t *testing.T) {
	const password = "a password of the tests"
	dir := t.TempDir()
	for name, file := range map[string]struct {
		text string
		mode os.FileMode
	}{"good": {password + "\n", 0o600}, "open": {password, 0o644}, "empty": {"\n", 0o600}, "two": {password + "\n" + password, 0o600}} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(file.text), file.mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("SINK_PASSWORD", " "+password+" ")
	t.Setenv("SINK_EMPTY", " ")
	for _, test := range []struct {
		sink herd.Sink
		want error
		says string
	}{
		{herd.Sink{PasswordFile: "good"}, nil, ""},
		{herd.Sink{PasswordFile: "open"}, ErrPasswordOpen, "sink.password_file: "},
		{herd.Sink{PasswordFile: "empty"}, ErrPasswordMissing, "sink.password_file: "},
		{herd.Sink{PasswordFile: "none"}, ErrPasswordMissing, "sink.password_file: "},
		{herd.Sink{PasswordFile: "two"}, ErrPasswordForm, "sink.password_file: "},
		{herd.Sink{PasswordEnv: "SINK_PASSWORD"}, nil, ""},
		{herd.Sink{PasswordEnv: "SINK_EMPTY"}, ErrPasswordMissing, "sink.password_env: "},
		{herd.Sink{PasswordEnv: "SINK_NOWHERE"}, ErrPasswordMissing, "read -rs SINK_NOWHERE && export SINK_NOWHERE"},
	} {
		sink := test.sink
		if err := AbsolutePasswordFile(filepath.Join(dir, "herd.json"), &sink); err != nil {
			t.Fatal(err)
		}
		got, err := SinkPassword(sink)
		if !errors.Is(err, test.want) || (got == password) != (test.want == nil) {
			t.Errorf("%+v: %q, %v; want %v", test.sink, got, err, test.want)
		}
		if err != nil && (strings.Contains(err.Error(), password) || !strings.Contains(err.Error(), test.says)) {
			t.Errorf("%+v: %v", test.sink, err)
		}
	}
	if got, err := SinkPassword(herd.Sink{}); got != "" || err != nil {
		t.Errorf("without a setting: %q, %v", got, err)
	}
}
