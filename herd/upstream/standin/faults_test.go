package standin

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// asked is a question that each service answers, with its key.
type asked struct {
	method, target, body string
	header               map[string]string
}

// good are questions in the order of the services.
var good = []asked{
	{method: "GET", target: "/search.json?" + nearUCLA},
	{method: "GET", target: "/1.1/search/tweets.json?" + nearUCLA, header: bearer},
	{method: "GET", target: "/2/tweets/search/recent?query=point_radius:[-118.445127%2034.068930%209km]", header: bearer},
	{method: "GET", target: "/maps/api/place/nearbysearch/json?location=34.068930,-118.445127&radius=9000&key=k"},
	{method: "POST", target: "/v1/places:searchNearby", body: circleUCLA, header: googleHeader("*")},
	{method: "GET", target: "/w/api.php?action=query&list=geosearch&format=json&gscoord=34.068930|-118.445127&gsradius=9000"},
}

var bearer = map[string]string{"Authorization": "Bearer t"}

func googleHeader(mask string) map[string]string {
	return map[string]string{"X-Goog-Api-Key": "k", "X-Goog-FieldMask": mask}
}

const circleUCLA = `{"locationRestriction":{"circle":{"center":{"latitude":34.06893,"longitude":-118.445127},"radius":9000.0}}}`

// request makes the request for a question.
func (a asked) request() *http.Request {
	r := httptest.NewRequest(a.method, a.target, strings.NewReader(a.body))
	for name, value := range a.header {
		r.Header.Set(name, value)
	}
	return r
}

// of asks without a network.
func (a asked) of(service http.Handler) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	service.ServeHTTP(answer, a.request())
	return answer
}

func TestEveryServiceAnswers(t *testing.T) {
	one := New(Options{})
	for i, a := range good {
		if path, _, _ := strings.Cut(a.target, "?"); path != apis[i].path {
			t.Fatalf("question %d is not for %s", i, apis[i].path)
		}
		first, again := a.of(one), a.of(New(Options{}))
		if first.Code != 200 || !json.Valid(first.Body.Bytes()) || first.Body.Len() < 500 || !strings.HasPrefix(first.Header().Get("Content-Type"), "application/json;") {
			t.Errorf("%s: %d %v %s", a.target, first.Code, first.Header(), first.Body)
		}
		if first.Body.String() != again.Body.String() {
			t.Errorf("%s has two answers:\n%s\n%s", a.target, first.Body, again.Body)
		}
		if a.method == http.MethodGet {
			head := a
			head.method = http.MethodHead
			if answer := head.of(one); answer.Code != 200 {
				t.Errorf("HEAD %s: %d", a.target, answer.Code)
			}
		}
	}
	if len(good) != len(apis) {
		t.Errorf("%d services were asked, there are %d", len(good), len(apis))
	}
}

// TestErrorsInEveryForm has the four errors that are not about the question, from each service.
func TestErrorsInEveryForm(t *testing.T) {
	wrongMethod := func(a *asked) { a.method = http.MethodDelete }
	tooLarge := func(a *asked) { a.body = strings.Repeat(" ", maxBody+1) }
	type want struct {
		status int
		body   string
	}
	for i, test := range [][4]want{ // rate limit, fail, method, size
		{
			{420, `{"error":"You have been rate limited. Enhance your calm."}`}, {503, overCapacity},
			{405, `{"error":"A search is asked for with GET."}`}, {413, `{"error":"The request is too large."}`},
		}, {
			{429, `{"errors":[{"code":88,"message":"Rate limit exceeded"}]}`}, {503, `{"errors":[{"code":130,"message":"Over capacity"}]}`},
			{405, `{"errors":[{"code":86,"message":"This method requires a GET."}]}`}, {413, `{"errors":[{"code":195,"message":"The request is too large."}]}`},
		}, {
			{429, `{"title":"Too Many Requests","detail":"Too Many Requests","type":"about:blank","status":429}`},
			{503, `{"title":"Service Unavailable","detail":"Service Unavailable","type":"about:blank","status":503}`},
			{405, `{"title":"Method Not Allowed","detail":"Method Not Allowed","type":"about:blank","status":405}`},
			{413, `{"title":"Request Entity Too Large","detail":"Request Entity Too Large","type":"about:blank","status":413}`},
		}, {
			{200, placesErrorText("You have exceeded your rate-limit for this API.", "OVER_QUERY_LIMIT")},
			{200, placesErrorText("The request could not be processed, it may succeed if it is tried again.", "UNKNOWN_ERROR")},
			{200, placesErrorText("Method Not Allowed", "INVALID_REQUEST")}, {200, placesErrorText("Request Entity Too Large", "INVALID_REQUEST")},
		}, {
			{429, googleErrorText("429", "Too Many Requests", "RESOURCE_EXHAUSTED")}, {503, googleErrorText("503", "Service Unavailable", "UNAVAILABLE")},
			{405, googleErrorText("405", "Method Not Allowed", "UNIMPLEMENTED")}, {413, googleErrorText("413", "Request Entity Too Large", "INVALID_ARGUMENT")},
		}, {
			{429, wikiErrorText("ratelimited", "You've exceeded your rate limit. Please wait some time and try again.")},
			{503, wikiErrorText("internal_api_error_Exception", "An error came up while the question was answered.")},
			{405, wikiErrorText("badrequest", "Method Not Allowed")}, {413, wikiErrorText("badrequest", "Request Entity Too Large")},
		},
	} {
		method, size := good[i], good[i]
		wrongMethod(&method)
		tooLarge(&size)
		for j, answer := range []*httptest.ResponseRecorder{
			good[i].of(New(Options{RateLimitEvery: 1})), good[i].of(New(Options{FailEvery: 1})), method.of(New(Options{})), size.of(New(Options{})),
		} {
			if answer.Code != test[j].status || answer.Body.String() != test[j].body {
				t.Errorf("%s, error %d: %d %s\nwant %d %s", apis[i].path, j, answer.Code, answer.Body, test[j].status, test[j].body)
			}
		}
		if allow := method.of(New(Options{})).Header().Get("Allow"); allow != apis[i].methods() || !strings.HasPrefix(allow, good[i].method) {
			t.Errorf("%s allows %q", apis[i].path, allow)
		}
	}
}

func placesErrorText(message, status string) string {
	return "{\n   \"error_message\" : \"" + message + "\",\n   \"html_attributions\" : [],\n   \"results\" : [],\n   \"status\" : \"" + status + "\"\n}\n"
}

func googleErrorText(code, message, status string) string {
	return "{\n  \"error\": {\n    \"code\": " + code + ",\n    \"message\": \"" + message + "\",\n    \"status\": \"" + status + "\"\n  }\n}\n"
}

func wikiErrorText(code, info string) string {
	return `{"error":{"code":"` + code + `","info":"` + info + `","*":"See https://wiki.proxyherd.invalid/w/api.php for API usage."},"servedby":"standin.proxyherd.invalid"}`
}

func TestRateLimitsSayWhenToComeBack(t *testing.T) {
	before := time.Now().Unix()
	for i, a := range good {
		header := a.of(New(Options{RateLimitEvery: 1})).Header()
		switch apis[i].path {
		case twitter.path, wikipedia.path:
			if header.Get("Retry-After") != "20" {
				t.Errorf("%s: %v", a.target, header)
			}
		case twitter11.path, x.path:
			reset, err := strconv.ParseInt(header.Get("x-rate-limit-reset"), 10, 64)
			if err != nil || reset < before+20 || reset > time.Now().Unix()+20 || header.Get("x-rate-limit-limit") != "450" || header.Get("x-rate-limit-remaining") != "0" {
				t.Errorf("%s: %v", a.target, header)
			}
		default: // Google's say nothing of it
			if header.Get("Retry-After") != "" {
				t.Errorf("%s: %v", a.target, header)
			}
		}
	}
	if code := good[5].of(New(Options{RateLimitEvery: 1})).Header().Get("MediaWiki-API-Error"); code != "ratelimited" {
		t.Errorf("MediaWiki-API-Error is %q", code)
	}
}

func TestFailuresHaveTheirStatus(t *testing.T) {
	for status, words := range map[int]string{500: "INTERNAL", 501: "UNIMPLEMENTED", 502: "UNKNOWN", 504: "DEADLINE_EXCEEDED", 599: "UNKNOWN"} {
		for i, a := range good {
			answer := a.of(New(Options{FailEvery: 1, FailStatus: status}))
			if want := map[bool]int{true: 200, false: status}[apis[i].path == places.path]; answer.Code != want {
				t.Errorf("%s: %d, want %d", a.target, answer.Code, want)
			}
			if apis[i].path == placesNew.path && !strings.Contains(answer.Body.String(), `"status": "`+words+`"`) {
				t.Errorf("%d: %s", status, answer.Body)
			}
			if apis[i].path == x.path && status == 599 && !strings.Contains(answer.Body.String(), `"title":"Unknown Error"`) {
				t.Errorf("%d: %s", status, answer.Body)
			}
		}
	}
}

// TestEveryCountsQuestions goes round the services: they are counted together.
func TestEveryCountsQuestions(t *testing.T) {
	options := Options{FailEvery: 3, RateLimitEvery: 5, GarbageEvery: 2, TruncateEvery: 7, HugeEvery: 11}
	server := httptest.NewServer(New(options))
	defer server.Close()
	nothing := asked{method: "GET", target: "/nothing"}
	counts := map[misbehaviour]int{}
	for n := 1; n <= 35; n++ {
		// What is no question is not counted.
		ask(t, server, nothing)
		i := (n - 1) % len(good)
		answer, body, err := ask(t, server, good[i])
		want := options.at(uint64(n))
		counts[want]++
		got := none
		switch {
		case errors.Is(err, io.ErrUnexpectedEOF):
			got = truncate
		case err != nil:
			t.Fatal(err)
		case len(body) > hugeAnswer:
			got = huge
		case answer.StatusCode == 503 || strings.Contains(string(body), "UNKNOWN_ERROR"):
			got = fail
		case answer.StatusCode == 429 || answer.StatusCode == 420 || strings.Contains(string(body), "OVER_QUERY_LIMIT"):
			got = rateLimit
		case !json.Valid(body):
			got = garbage
		}
		if got != want {
			t.Errorf("question %d, to %s: %d instead of %d: %d %.300s", n, apis[i].path, got, want, answer.StatusCode, body)
		}
	}
	for _, what := range []misbehaviour{none, rateLimit, fail, garbage, truncate, huge} {
		if counts[what] == 0 {
			t.Errorf("misbehaviour %d did not come up", what)
		}
	}
}

// ask asks over a network; err is what came while the body was read.
func ask(t *testing.T, server *httptest.Server, a asked) (answer *http.Response, body []byte, err error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), a.method, server.URL+strings.ReplaceAll(a.target, "|", "%7C"), strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range a.header {
		r.Header.Set(name, value)
	}
	answer, err = server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(answer.Body)
	return answer, body, err
}

func TestHugeAnswersAreGoodJSON(t *testing.T) {
	for _, a := range good {
		plain, large := a.of(New(Options{})), a.of(New(Options{HugeEvery: 1}))
		// White space before JSON is JSON too: that it is nothing else makes the answer a good one.
		if large.Code != 200 || large.Body.Len() != hugeAnswer+plain.Body.Len() || strings.TrimLeft(large.Body.String(), " ") != plain.Body.String() {
			t.Errorf("%s: %d, %d bytes", a.target, large.Code, large.Body.Len())
		}
	}
}

func TestTheFirstOfSeveralFaultsDecides(t *testing.T) {
	all := Options{RateLimitEvery: 1, FailEvery: 1, GarbageEvery: 1, TruncateEvery: 1, HugeEvery: 1}
	var order []misbehaviour
	for _, off := range []func(){
		func() { all.RateLimitEvery = 0 }, func() { all.FailEvery = 0 }, func() { all.GarbageEvery = 0 }, func() { all.TruncateEvery = 0 }, func() { all.HugeEvery = 0 },
	} {
		order = append(order, all.at(1))
		off()
	}
	if order = append(order, all.at(1)); !slices.Equal(order, []misbehaviour{rateLimit, fail, garbage, truncate, huge, none}) {
		t.Errorf("%v", order)
	}
}
