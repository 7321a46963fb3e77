package standin

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// body asks a well-behaved stand-in for parameters that it must answer.
func body(t *testing.T, parameters string) []byte {
	t.Helper()
	answer := get(Options{}, "/search.json?"+parameters)
	if answer.Code != http.StatusOK || answer.Header().Get("Content-Type") != "application/json;charset=utf-8" {
		t.Fatalf("%s: %d %v %s", parameters, answer.Code, answer.Header(), answer.Body)
	}
	return answer.Body.Bytes()
}

// get asks without a network.
func get(options Options, target string) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	New(options).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, target, nil))
	return answer
}

// member is one key of an object with the text of its value.
type member struct {
	key   string
	value json.RawMessage
}

// members reads an object in its own order.
func members(t *testing.T, text []byte) (list []member) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil { // the opening brace
		t.Fatalf("%v in %s", err, text)
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		list = append(list, member{key.(string), value})
	}
	return list
}

// shape is what each value of an object must look like, as text, in the order of the keys.
type shape []struct{ key, pattern string }

const (
	whole       = `^(0|[1-9][0-9]*)$`
	wholeString = `^"(0|[1-9][0-9]*)"$`
	text        = `^"([ !#-.0-[\]-~]|\\["\\/nrt]|\\u[0-9a-f]{4})*"$` // ASCII alone, and never a bare slash
)

var topLevel = shape{
	{"completed_in", `^0\.[0-9]{1,3}$`}, {"max_id", whole}, {"max_id_str", wholeString},
	{"next_page", `^"\?page=[0-9]+&max_id=[0-9]+&q=[^&]*&geocode=[-0-9.]+%2C[-0-9.]+%2C[0-9]+\.[0-9]+(km|mi)&rpp=[0-9]+"$`},
	{"page", whole}, {"query", text},
	{"refresh_url", `^"\?since_id=[0-9]+&q=[^&]*(&geocode=[-0-9.]+%2C[-0-9.]+%2C[0-9]+\.[0-9]+(km|mi))?"$`},
	{"results", `^\[`}, {"results_per_page", whole}, {"since_id", `^0$`}, {"since_id_str", `^"0"$`},
}

var resultShape = shape{
	{"created_at", `^"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3][0-9] Nov 2012 [0-2][0-9]:[0-5][0-9]:[0-5][0-9] \+0000"$`},
	{"from_user", `^"[a-z0-9_]{1,15}"$`}, {"from_user_id", whole}, {"from_user_id_str", wholeString}, {"from_user_name", text},
	{"geo", `^(null|\{"coordinates":\[-?[0-9.]+,-?[0-9.]+\],"type":"Point"\})$`}, {"location", text},
	{"id", whole}, {"id_str", wholeString}, {"iso_language_code", `^"[a-z]{2}"$`},
	{"metadata", `^\{("recent_retweets":[1-9][0-9]*,"result_type":"popular"|"result_type":"recent")\}$`},
	{"profile_image_url", `^"http:\\/\\/images\.proxyherd\.invalid\\/[0-9A-Za-z_\\/.]*"$`},
	{"profile_image_url_https", `^"https:\\/\\/images\.proxyherd\.invalid\\/[0-9A-Za-z_\\/.]*"$`},
	{"source", `^"&lt;a href=&quot;http:\\/\\/proxyherd\.invalid\\/&quot;&gt;proxyherd stand-in&lt;\\/a&gt;"$`},
	{"text", text}, {"to_user", `^(null|"[a-z0-9_]{1,15}")$`}, {"to_user_id", whole}, {"to_user_id_str", wholeString}, {"to_user_name", `^(null|".*")$`},
	{"in_reply_to_status_id", whole}, {"in_reply_to_status_id_str", wholeString},
}

// check holds an object against a shape; keys in optional may be missing. It returns the values by key.
func (s shape) check(t *testing.T, object []byte, optional ...string) map[string]string {
	t.Helper()
	values := map[string]string{}
	list := members(t, object)
	for _, want := range s {
		if len(list) == 0 || list[0].key != want.key {
			if !slices.Contains(optional, want.key) {
				t.Fatalf("%s is not where it belongs in %s", want.key, object)
			}
			continue
		}
		if !regexp.MustCompile(want.pattern).Match(list[0].value) {
			t.Errorf("%s is %s, which does not match %s", want.key, list[0].value, want.pattern)
		}
		values[want.key] = string(list[0].value)
		list = list[1:]
	}
	if len(list) > 0 {
		t.Fatalf("%s does not belong into %s", list[0].key, object)
	}
	for key, value := range values {
		if number, ok := values[strings.TrimSuffix(key, "_str")]; ok && strings.HasSuffix(key, "_str") && value != `"`+number+`"` {
			t.Errorf("%s is %s, the number is %s", key, value, number)
		}
	}
	return values
}

// results checks a whole answer and returns its top level and its tweets.
func results(t *testing.T, answer []byte) (top map[string]string, tweets []map[string]string) {
	t.Helper()
	if bytes.ContainsFunc(answer, func(r rune) bool { return r < ' ' || r >= utf8.RuneSelf }) {
		t.Errorf("the answer is not one line of ASCII: %q", answer)
	}
	top = topLevel.check(t, answer, "next_page")
	var list []json.RawMessage
	if err := json.Unmarshal([]byte(top["results"]), &list); err != nil {
		t.Fatal(err)
	}
	for _, result := range list {
		tweets = append(tweets, resultShape.check(t, result, "in_reply_to_status_id", "in_reply_to_status_id_str"))
	}
	return top, tweets
}

// unquote decodes a JSON string.
func unquote(t *testing.T, quoted string) (s string) {
	t.Helper()
	if err := json.Unmarshal([]byte(quoted), &s); err != nil {
		t.Fatalf("%s: %v", quoted, err)
	}
	return s
}

// TestFormat goes through answers from all over the world, field by field, and then looks whether everything that a real
// answer may hold has come up.
func TestFormat(t *testing.T) {
	seen := map[string]int{}
	for _, geocode := range []string{
		"34.068930,-118.445127,100km", "27.5916,86.564,100.0km", "48.85,2.35,30mi", "35.68,139.69,20km", "37.56,126.97,10km", "30.04,31.23,50km",
		"55.75,37.61,40km", "-34.6,-58.38,60km", "13.75,100.5,30km", "37.98,23.72,20km", "28.6,77.2,30km", "31.2,121.45,80km", "-17,180,1000km",
	} {
		top, tweets := results(t, body(t, "q=&rpp=100&geocode="+geocode))
		if len(tweets) == 0 || top["max_id"] != tweets[0]["id"] || top["query"] != `""` || top["results_per_page"] != "100" || top["page"] != "1" {
			t.Errorf("%s: %d tweets, %v", geocode, len(tweets), top)
		}
		var before uint64
		for _, tweet := range tweets {
			id, err := strconv.ParseUint(tweet["id"], 10, 64)
			if err != nil || id <= 1<<53 || before != 0 && id >= before {
				t.Errorf("id %s after %d: %v; they must fall, and be more than a float64 holds", tweet["id"], before, err)
			}
			before = id
			created, err := time.Parse("Mon, 02 Jan 2006 15:04:05 -0700", unquote(t, tweet["created_at"]))
			if at := int64(id>>22) + 1288834974657; err != nil || created.Unix() != at/1000 {
				t.Errorf("created_at %s, but the id is of %v: %v", tweet["created_at"], time.UnixMilli(at).UTC(), err)
			}
			count(t, seen, tweet)
		}
	}
	for _, want := range []string{
		"tweet", "geo", "no geo", "to somebody", "to nobody", "reply", "popular", "recent", "quotes", "&lt;", "&gt;", "&amp;", "slash", "not ASCII", "surrogates",
		"language en", "language es", "language fr", "language ja", "language ko", "language ar", "language ru", "language th", "language el", "language hi", "language zh", "language ne",
	} {
		if seen[want] == 0 {
			t.Errorf("no tweet had: %s", want)
		}
	}
	if seen["tweet"] < 800 {
		t.Errorf("only %d tweets were checked", seen["tweet"])
	}
}

// count notes what a tweet has, and checks what its fields say of each other.
func count(t *testing.T, seen map[string]int, tweet map[string]string) {
	t.Helper()
	note := func(what string, has bool) {
		if has {
			seen[what]++
		}
	}
	said, raw := unquote(t, tweet["text"]), tweet["text"]
	place, _, _ := strings.Cut(unquote(t, tweet["location"]), ", ")
	if !strings.Contains(said, place) {
		t.Errorf("%q does not name %q", said, place)
	}
	if n := utf8.RuneCountInString(said); n > 140 {
		t.Errorf("%q has %d characters", said, n)
	}
	toNobody := tweet["to_user"] == "null"
	if toNobody != (tweet["to_user_name"] == "null") || toNobody != (tweet["to_user_id"] == "0") || toNobody == strings.HasPrefix(said, "@") {
		t.Errorf("to whom is it: %v", tweet)
	}
	note("tweet", true)
	note("geo", tweet["geo"] != "null")
	note("no geo", tweet["geo"] == "null")
	note("to somebody", !toNobody)
	note("to nobody", toNobody)
	note("reply", tweet["in_reply_to_status_id"] != "")
	note("popular", strings.Contains(tweet["metadata"], "popular"))
	note("recent", strings.Contains(tweet["metadata"], `"recent"`))
	note("quotes", strings.Contains(raw, `\"`))
	for _, escaped := range []string{"&lt;", "&gt;", "&amp;"} {
		note(escaped, strings.Contains(raw, escaped))
	}
	note("slash", strings.Contains(raw, `\/`))
	note("not ASCII", strings.Contains(raw, `\u`))
	note("surrogates", regexp.MustCompile(`\\ud8[0-9a-f]{2}\\ud[c-f]`).MatchString(raw))
	note("language "+unquote(t, tweet["iso_language_code"]), true)
}
