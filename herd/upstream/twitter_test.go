package upstream

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTwitterRequest(t *testing.T) {
	const base = "http://search.example/search.json"
	tests := []struct {
		name    string
		address string
		query   Query
		want    string
	}{
		{"as documented", base, Query{"+34.068930", "-118.445127", "100", 20, ""}, base + "?geocode=34.068930%2C-118.445127%2C100km&q=&rpp=20"},
		{"text is not converted", base, Query{"+27.591600", "+086.56400000000000000001", "007.50", 1, ""}, base + "?geocode=27.591600%2C086.56400000000000000001%2C007.50km&q=&rpp=1"},
		{"only the first plus is a sign", base, Query{"+0", "+0", "1", 1, ""}, base + "?geocode=0%2C0%2C1km&q=&rpp=1"},
		{"limit 0 asks for one", base, Query{"+1", "+2", "3", 0, ""}, base + "?geocode=1%2C2%2C3km&q=&rpp=1"},
		{"limit below 0", base, Query{"+1", "+2", "3", -7, ""}, base + "?geocode=1%2C2%2C3km&q=&rpp=1"},
		{"limit beyond the bound", base, Query{"+1", "+2", "3", 101, ""}, base + "?geocode=1%2C2%2C3km&q=&rpp=100"},
		{"radius 0 asks for a metre", base, Query{"+1", "+2", "0", 5, ""}, base + "?geocode=1%2C2%2C0.001km&q=&rpp=5"},
		{"radius 0 written at length", base, Query{"+1", "+2", "00.000", 5, ""}, base + "?geocode=1%2C2%2C0.001km&q=&rpp=5"},
		{"a radius near 0", base, Query{"+1", "+2", "0.0001", 5, ""}, base + "?geocode=1%2C2%2C0.0001km&q=&rpp=5"},
		{"parameters of the address stay", base + "?lang=en&rpp=3", Query{"+1", "+2", "3", 5, ""}, base + "?geocode=1%2C2%2C3km&lang=en&q=&rpp=5"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			address, err := url.Parse(test.address)
			if err != nil {
				t.Fatal(err)
			}
			request, err := Twitter{}.Request(t.Context(), address, test.query)
			if err != nil {
				t.Fatal(err)
			}
			if request.Method != http.MethodGet || request.URL.String() != test.want {
				t.Errorf("%s %s\nwant    %s", request.Method, request.URL, test.want)
			}
			if address.String() != test.address {
				t.Errorf("the configured address became %s", address)
			}
		})
	}
}

func TestTwitterErrorText(t *testing.T) {
	for answer, want := range map[string]string{
		`{"error":"page parameter out of range"}`:    "page parameter out of range",
		`{"a":[1,{}],"error":"\u00e9\n"}`:            "é\n",
		`{"\u0065rr\u006Fr":"in escapes"}`:           "in escapes",
		`{"results":[{"error":"no"}],"page":1}`:      "",
		`{"error":null}`:                             "",
		`{"error":{"code":1}}`:                       "",
		`[]`:                                         "",
		`"error"`:                                    "",
		`{"a":1e400,"error":"after a great number"}`: "", // json-iterator stops there; the status still tells
	} {
		if got := (Twitter{}).ErrorText([]byte(answer)); got != want {
			t.Errorf("ErrorText(%s) = %q, want %q", answer, got, want)
		}
	}
}

func TestTwitterErrorLineIsOneLineOfJSON(t *testing.T) {
	for _, message := range []string{"", "plain", `"quoted" \ and / `, "two\nlines\r\n", "\x00\x1f\x7f", "<b>&amp;</b>", "é 🏃 \u2028", "not UTF-8: \xff\xc0\xaf", `","results":[{}],"a":"`} {
		line := Twitter{}.ErrorLine(message)
		if strings.ContainsAny(string(line), "\r\n") {
			t.Errorf("%q breaks the line", line)
		}
		var got map[string]string
		if err := json.Unmarshal(line, &got); err != nil || len(got) != 1 {
			t.Fatalf("%q: %v, %v", line, got, err)
		}
		if utf8.ValidString(message) && got["error"] != message {
			t.Errorf("%q came back as %q", message, got["error"])
		}
		if utf8.ValidString(message) && (Twitter{}).ErrorText(line) != message {
			t.Errorf("ErrorText reads %q of %q", Twitter{}.ErrorText(line), message)
		}
	}
}

func TestNamed(t *testing.T) {
	for _, kind := range kinds {
		if got, err := Named(kind.Name()); err != nil || got != kind {
			t.Errorf("Named(%q) = %v, %v", kind.Name(), got, err)
		}
	}
	if kind, err := Named("gopher"); kind != nil || !errors.Is(err, ErrUnknownKind) || !strings.Contains(err.Error(), `"gopher"`) || !strings.Contains(err.Error(), "choose one of: twitter") {
		t.Errorf("%v, %v", kind, err)
	}
}
