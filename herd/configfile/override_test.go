package configfile

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
)

func TestLaterPlacesWinOverEarlierOnes(t *testing.T) {
	path := write(t, `{"herd": "file", "limits": {"records": 1, "log_queue": 100000, "connections": 7}}`)
	environment := []Override{{"limits.records", "2", "HERD_LIMITS_RECORDS"}, {"limits.log_queue", "200000", "HERD_LIMITS_LOG_QUEUE"}}
	flags := []Override{{"limits.records", "3", "--set"}}
	cfg, warnings, err := ReadWith(path, environment, flags)
	want := herd.Default()
	want.Herd, want.Limits.Records, want.Limits.LogQueue, want.Limits.Connections = "file", 3, 200_000, 7
	if err != nil || len(warnings) > 0 || !reflect.DeepEqual(cfg, want) {
		t.Errorf("read %+v, %q, %v", cfg, warnings, err)
	}
}

func TestSettingsOfEachKindAreTaken(t *testing.T) {
	for _, test := range []struct {
		key, value string
		got        func(*herd.Config) any
		want       any
	}{
		{"herd", `a"b`, func(c *herd.Config) any { return c.Herd }, `a"b`},
		{"future", "90s", func(c *herd.Config) any { return c.Future }, herd.Duration(90 * time.Second)},
		{"link_mac", "true", func(c *herd.Config) any { return c.LinkMAC }, true},
		{"log.dir", "", func(c *herd.Config) any { return c.Log.Dir }, ""},
		{"limits.record_bytes", "100000", func(c *herd.Config) any { return c.Limits.RecordBytes }, int64(100_000)},
		{"servers[2].http", "", func(c *herd.Config) any { return c.Servers[2].HTTP }, ""},
		{"servers[3].talks_to", " Farmar\tHill ", func(c *herd.Config) any { return c.Servers[3].TalksTo }, []string{"Farmar", "Hill"}},
		{"servers[3].talks_to", `["a b"]`, func(c *herd.Config) any { return c.Servers[3].TalksTo }, []string{"a b"}},
		{"servers[3].talks_to", "", func(c *herd.Config) any { return c.Servers[3].TalksTo }, []string{}},
		{"servers[0].talks_to[1]", "Hill", func(c *herd.Config) any { return c.Servers[0].TalksTo }, []string{"Meeks", "Hill"}},
		{"servers", `[{"name": "Solo", "clients": "[::1]:0"}]`, func(c *herd.Config) any { return c.Servers }, []herd.Server{{Name: "Solo", Clients: "[::1]:0"}}},
		{"log", `{"level": "warn"}`, func(c *herd.Config) any { return c.Log }, herd.Log{Dir: "logs", Level: "warn", Lines: true}},
	} {
		cfg := herd.Default()
		err := applyLayer(&cfg, []Override{{test.key, test.value, "--set"}})
		if err != nil || !reflect.DeepEqual(test.got(&cfg), test.want) {
			t.Errorf("%s=%s gives %#v, %v", test.key, test.value, test.got(&cfg), err)
		}
	}
}

func TestMistakesOutsideTheFileAreRefused(t *testing.T) {
	for _, test := range []struct {
		key, value string
		want       error
		says       string
	}{
		{"limit.records", "5", ErrUnknownKey, "X: limit.records: unknown key: did you mean limits?"},
		{"limits.record", "5", ErrUnknownKey, "did you mean records?"},
		{"limits.records.more", "5", ErrUnknownKey, "nothing below what stands before more"},
		{"", "5", ErrUnknownKey, "the keys here are herd, future"},
		{"servers[x].name", "A", ErrUnknownKey, "servers[x] is no place in a list"},
		{"servers[1.name", "A", ErrUnknownKey, "servers[1 is no place"},
		{"limits[0]", "5", ErrUnknownKey, "limits[0] is no place"},
		{"servers[5].name", "A", ErrNoSuchPlace, "servers[5].name: the list has no such member: servers has 5, counted from 0"},
		{"servers[-1].name", "A", ErrNoSuchPlace, "servers has 5"},
		{"limits.records", "many", ErrWrongType, `limits.records: wrong type of value: this is "many"; give a whole number`},
		{"limits.records", "", ErrWrongType, `this is ""`},
		{"limits.records", "1.5", ErrWrongType, "1.5 is not a whole number"},
		{"limits.records", "99999999999999999999", ErrWrongType, "too large"},
		{"log.lines", "yes", ErrWrongType, `this is "yes"; give true or false`},
		{"future", "soon", herd.ErrBadDuration, "X: future: "},
		{"herd", "\xff", ErrWrongType, `this is "\xff"`},
		{"servers", "Farmar", ErrSyntax, "X: servers: this is not JSON"},
		{"servers", `[{"nam": "A"}]`, ErrUnknownKey, "X: servers[0].nam: unknown key: did you mean name?"},
		{"log", `{"lines": 5}`, ErrWrongType, "X: log.lines: "},
	} {
		path := write(t, "{}")
		cfg, _, err := ReadWith(path, []Override{{test.key, test.value, "X"}})
		if !errors.Is(err, test.want) || !strings.HasPrefix(err.Error(), "X: ") || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s=%s: %v, want %s", test.key, test.value, err, test.says)
		}
		if !reflect.DeepEqual(cfg, herd.Config{}) {
			t.Errorf("%s=%s: settings came all the same", test.key, test.value)
		}
	}
}

func TestAValueThatCannotBeRunIsTracedToWhereItIsGiven(t *testing.T) {
	path := write(t, `{"upstream": {"workers": 0}}`)
	_, _, err := ReadWith(path, []Override{{"limits.records", "0", "HERD_LIMITS_RECORDS"}, {"herd", "fine", "HERD_HERD"}},
		[]Override{{"servers", `[{"name": "A"}]`, "--set"}})
	text := ""
	if err != nil {
		text = err.Error()
	}
	for _, want := range []string{"limits.records comes from HERD_LIMITS_RECORDS", "servers comes from --set", "upstream.workers: ", "servers[0].clients: "} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in:\n%s", want, text)
		}
	}
	if strings.Contains(text, "HERD_HERD") || strings.Contains(text, "upstream.workers comes") {
		t.Errorf("what is right, or in the file, is blamed:\n%s", text)
	}
}

func TestAPlaceThatNamesAKindMeansItsOwnAddress(t *testing.T) {
	usual := herd.Default().Upstream.URL
	for _, test := range []struct {
		file   string
		layers [][]Override
		want   string
	}{
		{`{}`, [][]Override{{{"upstream.kind", "wikipedia", "X"}}}, ""},
		{`{"upstream": {"url": "http://h/"}}`, [][]Override{{{"upstream.kind", "wikipedia", "X"}}}, ""},
		{`{"upstream": {"url": "http://h/"}}`, [][]Override{{{"upstream.kind", "twitter", "X"}}}, "http://h/"},
		{`{}`, [][]Override{{{"upstream.kind", "wikipedia", "X"}, {"upstream.url", "http://w/", "X"}}}, "http://w/"},
		{`{}`, [][]Override{{{"upstream.url", "http://w/", "X"}}, {{"upstream.kind", "wikipedia", "Y"}}}, ""},
		{`{"upstream": {"kind": "wikipedia"}}`, [][]Override{{{"upstream.kind", "twitter", "X"}}}, usual},
		{`{}`, nil, usual},
	} {
		cfg, _, err := ReadWith(write(t, test.file), test.layers...)
		if err != nil || cfg.Upstream.URL != test.want {
			t.Errorf("%s with %v: %q, %v", test.file, test.layers, cfg.Upstream.URL, err)
		}
	}
}

func TestWithoutAFileTheBuiltInHerdIsTheGround(t *testing.T) {
	cfg, _, err := ReadWith("", []Override{{"herd", "x", "HERD_HERD"}})
	if err != nil || cfg.Herd != "x" || len(cfg.Servers) != 5 {
		t.Errorf("%+v, %v", cfg, err)
	}
	if _, _, err := ReadWith("", []Override{{"herd", "", "HERD_HERD"}}); err == nil || !strings.HasPrefix(err.Error(), "herd: ") {
		t.Errorf("%v", err)
	}
}

func TestEverySettingHasAVariableOfItsOwn(t *testing.T) {
	owner := make(map[string]string)
	for _, key := range Keys() {
		name := Variable(key)
		if owner[name] != "" {
			t.Errorf("%s is of %s and of %s", name, owner[name], key)
		}
		owner[name] = key
		real := strings.Replace(name, "_SERVERS_N_", "_SERVERS_12_", 1)
		got, unknown := Environment([]string{real + "=a=b"})
		want := Override{strings.Replace(key, "[]", "[12]", 1), "a=b", real}
		if len(unknown) > 0 || !slices.Equal(got, []Override{want}) {
			t.Errorf("%s is read as %v, unknown %v", real, got, unknown)
		}
	}
	if len(owner) < 40 || owner["HERD_LIMITS_CONNECTIONS"] != "limits.connections" {
		t.Errorf("%d variables", len(owner))
	}
}

func TestTheEnvironmentIsSortedAndOtherProgramsAreLeftAlone(t *testing.T) {
	got, unknown := Environment([]string{
		"HERD_SERVERS_0_NAME=A", "PATH=/bin", "HERD_LIMIT_RECORDS=5", "HERD_SERVERS=[{}]", "XHERD_HERD=1",
		"HERD_SERVERS_N_NAME=B", "HERD_SERVERS_X_NAME=B", "HERD_SERVERS_1=B", "HERD_=", "HERD_HERD",
	})
	var keys []string
	for _, o := range got {
		keys = append(keys, o.String())
	}
	if want := []string{"herd=", "servers=[{}]", "servers[0].name=A"}; !slices.Equal(keys, want) {
		t.Errorf("the settings are %q", keys)
	}
	if want := []string{"HERD_", "HERD_LIMIT_RECORDS", "HERD_SERVERS_1", "HERD_SERVERS_N_NAME", "HERD_SERVERS_X_NAME"}; !slices.Equal(unknown, want) {
		t.Errorf("unknown are %q", unknown)
	}
	for name, says := range map[string]string{
		"HERD_LIMIT_RECORDS":                      "; did you mean HERD_LIMITS_RECORDS?",
		"HERD_SERVERS_2_NAMES":                    "; did you mean HERD_SERVERS_2_NAME?",
		"HERD_PORT_12000_TCP_ADDR_AND_MORE_OF_IT": "is passed over",
	} {
		if text := UnknownVariable(name); !strings.HasSuffix(text, says) || !strings.Contains(text, name+" is no setting") {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// Any text at all is taken for a setting, or refused in words: a flag is typed by
// hand.
func FuzzOverride(f *testing.F) {
	for _, o := range []Override{
		{"limits.records", "5", ""}, {"servers[0].talks_to", "a b", ""}, {"servers", `[{"name": "A"}]`, ""}, {"a[", "", ""}, {".", "", ""}, {"servers[0]", "{}", ""},
	} {
		f.Add(o.Key, o.Value)
	}
	f.Fuzz(func(t *testing.T, key, value string) {
		cfg := herd.Default()
		err := applyLayer(&cfg, []Override{{key, value, "--set"}})
		if err != nil && !slices.ContainsFunc([]error{ErrUnknownKey, ErrNoSuchPlace, ErrWrongType, ErrSyntax, ErrDuplicateKey, ErrTrailing, herd.ErrBadDuration},
			func(known error) bool { return errors.Is(err, known) }) {
			t.Errorf("%q=%q: %v", key, value, err)
		}
		if strings.Count(key, ".") > 2 && err == nil {
			t.Errorf("%q is no key, and was taken", key)
		}
	})
}
