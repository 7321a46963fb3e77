package upstream

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

// request makes a kind's request, authorised with the key "k3y".
func request(t *testing.T, kind Kind, address string, q Query) (*http.Request, error) {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	r, err := kind.Request(t.Context(), parsed, q)
	if parsed.String() != address {
		t.Errorf("the configured address became %s", parsed)
	}
	if err == nil {
		kind.Authorise(r, "k3y")
	}
	return r, err
}

// near is a question at Lukla.
func near(radius string, limit int) Query {
	return Query{Latitude: "+27.5916", Longitude: "+086.5640", Radius: radius, Limit: limit}
}

func TestRequests(t *testing.T) {
	const (
		fields = "expansions=author_id%2Cgeo.place_id%2Cin_reply_to_user_id"
		tweets = "tweet.fields=author_id%2Ccreated_at%2Cgeo%2Cin_reply_to_user_id%2Clang&user.fields=name%2Cprofile_image_url%2Cusername"
		circle = `,"locationRestriction":{"circle":{"center":{"latitude":27.5916,"longitude":86.5640},"radius":`
	)
	south := Query{Latitude: "-00.50", Longitude: "-118.445127", Radius: "1", Limit: 3}
	worded := near("10", 3)
	worded.Words = "snow & ice"
	tests := []struct {
		name    string
		kind    Kind
		address string
		query   Query
		want    string // method, address and body
		headers string
	}{
		{"twitter11", Twitter11{}, "", near("100", 2), "GET https://api.twitter.com/1.1/search/tweets.json?count=2&geocode=27.5916%2C086.5640%2C100km&q= ", "Bearer k3y"},
		{"twitter11, smallest", Twitter11{}, "", near("0.0", 0), "GET https://api.twitter.com/1.1/search/tweets.json?count=1&geocode=27.5916%2C086.5640%2C0.001km&q= ", "Bearer k3y"},
		{"twitter11, words", Twitter11{}, "http://h/?lang=en", worded, "GET http://h/?count=3&geocode=27.5916%2C086.5640%2C10km&lang=en&q=snow+%26+ice ", "Bearer k3y"},
		{"twitter11, words anywhere", Twitter11{}, "http://h/", Query{Words: "snow", Limit: 3}, "GET http://h/?count=3&q=snow ", "Bearer k3y"},
		{"x", X{}, "", near("39.999", 2), "GET https://api.x.com/2/tweets/search/recent?" + fields + "&max_results=10&place.fields=full_name&query=point_radius%3A%5B086.5640+27.5916+39.999km%5D&" + tweets + " ", "Bearer k3y"},
		{"x, as 2012", X2012{}, "", near("0", 100), "GET https://api.x.com/2/tweets/search/recent?" + fields + "&max_results=100&place.fields=full_name&query=point_radius%3A%5B086.5640+27.5916+0.001km%5D&" + tweets + " ", "Bearer k3y"},
		{"x, words and an address with its own", X{}, "http://h/?query=has:geo&expansions=&tweet.fields=text&user.fields=name&place.fields=id", worded,
			"GET http://h/?expansions=&max_results=10&place.fields=id&query=has%3Ageo+snow+%26+ice+point_radius%3A%5B086.5640+27.5916+10km%5D&tweet.fields=text&user.fields=name ", "Bearer k3y"},
		{"places", Places{}, "", near("50", 20), "GET https://maps.googleapis.com/maps/api/place/nearbysearch/json?key=k3y&location=27.5916%2C086.5640&radius=50000 ", ""},
		{"places, smallest", Places{}, "", near("0", 0), "GET https://maps.googleapis.com/maps/api/place/nearbysearch/json?key=k3y&location=27.5916%2C086.5640&radius=1 ", ""},
		{"places, exactly", Places{}, "http://h/?type=school", near("00.10001", 1), "GET http://h/?key=k3y&location=27.5916%2C086.5640&radius=100.01&type=school ", ""},
		{"places, words", Places{}, "http://h/", worded, "GET http://h/?key=k3y&keyword=snow+%26+ice&location=27.5916%2C086.5640&radius=10000 ", ""},
		{"places-new", PlacesNew{}, "", near("7.50", 20), `POST https://places.googleapis.com/v1/places:searchNearby {"maxResultCount":20` + circle + `7500}}}`, "application/json k3y " + placesFields},
		{"places-new, smallest", PlacesNew{}, "", near("0", 0), `POST https://places.googleapis.com/v1/places:searchNearby {"maxResultCount":1` + circle + `1}}}`, "application/json k3y " + placesFields},
		{"places-new, beyond", PlacesNew{}, "", near("0.0005", 21), `POST https://places.googleapis.com/v1/places:searchNearby {"maxResultCount":20` + circle + `0.5}}}`, "application/json k3y " + placesFields},
		{"places-new, its own mask", PlacesNew{}, "http://h/?$fields=places.id", south,
			`POST http://h/?%24fields=places.id {"maxResultCount":3,"locationRestriction":{"circle":{"center":{"latitude":-0.50,"longitude":-118.445127},"radius":1000}}}`, "application/json k3y"},
		{"wikipedia", Wikipedia{}, "", near("10", 2), "GET https://en.wikipedia.org/w/api.php?action=query&format=json&gscoord=27.5916%7C086.5640&gslimit=2&gsradius=10000&list=geosearch ", ""},
		{"wikipedia, smallest", Wikipedia{}, "", near("0", 0), "GET https://en.wikipedia.org/w/api.php?action=query&format=json&gscoord=27.5916%7C086.5640&gslimit=1&gsradius=10&list=geosearch ", ""},
		{"wikipedia, rounded up", Wikipedia{}, "http://h/", near("1.2340001", 100), "GET http://h/?action=query&format=json&gscoord=27.5916%7C086.5640&gslimit=100&gsradius=1235&list=geosearch ", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.address == "" {
				test.address = test.kind.Service().URL
			}
			r, err := request(t, test.kind, test.address, test.query)
			if err != nil {
				t.Fatal(err)
			}
			var body []byte
			if r.Body != nil {
				body, err = io.ReadAll(r.Body)
			}
			if err != nil || len(body) > 0 && !json.Valid(body) {
				t.Errorf("the body %s, %v", body, err)
			}
			if got := r.Method + " " + r.URL.String() + " " + string(body); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			var headers []string
			for _, name := range []string{"Authorization", "Content-Type", "X-Goog-Api-Key", "X-Goog-FieldMask"} {
				if value := r.Header.Get(name); value != "" {
					headers = append(headers, value)
				}
			}
			if got := strings.Join(headers, " "); got != test.headers {
				t.Errorf("headers %q, want %q", got, test.headers)
			}
		})
	}
}

func TestWhatAKindCannotBeAsked(t *testing.T) {
	worded := near("1", 1)
	worded.Words = "snow"
	anywhere := Query{Words: "snow", Limit: 1}
	for _, test := range []struct {
		kind  Kind
		query Query
		says  string
	}{
		{Places{}, anywhere, "places cannot be asked without a place"},
		{PlacesNew{}, worded, "places-new cannot be asked for words"},
		{PlacesNew{}, Query{}, "places-new cannot be asked without a place"},
		{Wikipedia{}, worded, "wikipedia cannot be asked for words"},
		{Wikipedia{}, Query{}, "wikipedia cannot be asked without a place"},
	} {
		if _, err := request(t, test.kind, test.kind.Service().URL, test.query); !errors.Is(err, ErrCannotAsk) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", test.kind.Name(), err)
		}
	}
}

func TestMetres(t *testing.T) {
	for kilometres, want := range map[string]string{
		"1": "1000", "0.5": "500", "0.0005": "0.5", "00.1": "100", "50.000": "50000", "7.12345": "7123.45", "0": "0", "0.000": "0",
		"123456789012345678901234567890": "123456789012345678901234567890000", "0.00000000000000000001": "0.00000000000000001",
	} {
		if got := metres(kilometres); got != want {
			t.Errorf("metres(%s) = %s, want %s", kilometres, got, want)
		}
	}
	for kilometres, want := range map[string]string{"0.0101": "11", "0.01": "10", "0.001": "10", "9.9999": "10000", "10": "10000", "12345678": "12345678000"} {
		if got := wholeMetres(kilometres, 10); got != want {
			t.Errorf("wholeMetres(%s) = %s, want %s", kilometres, got, want)
		}
	}
	for decimal, want := range map[string]string{"+086.5640": "86.5640", "-00.5": "-0.5", "+0": "0", "-118": "-118", "+000": "0"} {
		if got := jsonNumber(decimal); got != want {
			t.Errorf("jsonNumber(%s) = %s, want %s", decimal, got, want)
		}
	}
}

func TestErrorTexts(t *testing.T) {
	for _, test := range []struct {
		kind   Kind
		answer string
		want   string
	}{
		{Twitter11{}, `{"errors":[{"code":88,"message":"Rate limit exceeded"}]}`, "Rate limit exceeded"},
		{Twitter11{}, `{"statuses":[],"search_metadata":{}}`, ""},
		{Twitter11{}, `{"errors":"no"}`, ""},
		{X{}, `{"title":"Too Many Requests","detail":"Slow down","type":"about:blank","status":429}`, "Slow down"},
		{X{}, `{"title":"Unauthorized"}`, "Unauthorized"},
		{X{}, `{"errors":[{"message":"bad"}]}`, "bad"},
		{X{}, `{"meta":{"result_count":0}}`, ""},
		{X{}, `{"data":[],"errors":[{"detail":"a part is missing","title":"Not Found Error"}]}`, ""},
		{Places{}, `{"results":[],"status":"ZERO_RESULTS"}`, ""},
		{Places{}, `{"results":[],"status":"OK"}`, ""},
		{Places{}, `{"results":[],"status":"REQUEST_DENIED"}`, "REQUEST_DENIED"},
		{Places{}, `{"error_message":"You must use an API key.","results":[],"status":"REQUEST_DENIED"}`, "You must use an API key."},
		{PlacesNew{}, `{}`, ""},
		{PlacesNew{}, `{"error":{"code":400,"message":"bad","status":"INVALID_ARGUMENT"}}`, "bad"},
		{PlacesNew{}, `{"error":{"code":403,"status":"PERMISSION_DENIED"}}`, "PERMISSION_DENIED"},
		{Wikipedia{}, `{"batchcomplete":"","query":{"geosearch":[]}}`, ""},
		{Wikipedia{}, `{"error":{"code":"badinteger","info":"Invalid value"},"servedby":"mw"}`, "Invalid value"},
		{Wikipedia{}, `{"error":{"code":"maxlag"}}`, "maxlag"},
	} {
		if got := test.kind.ErrorText([]byte(test.answer)); got != test.want {
			t.Errorf("%s: ErrorText(%s) = %q, want %q", test.kind.Name(), test.answer, got, test.want)
		}
	}
}

// all are the kinds, and the formats of them.
var all = append(append([]Kind(nil), kinds...), X2012{})

func TestErrorLinesAreReadBack(t *testing.T) {
	checked := 0
	for _, kind := range all {
		for _, message := range []string{"", "plain", `"quoted" \ and / `, "two\nlines\r\n", "\x00\x1f\x7f", "<b>&amp;</b>", "é 🏃 \u2028", "not UTF-8: \xff\xc0\xaf", `","results":[{}],"a":"`} {
			line := kind.ErrorLine(message)
			if !json.Valid(line) || strings.ContainsAny(string(line), "\r\n") {
				t.Errorf("%s: %q is not one line of JSON", kind.Name(), line)
			}
			reader := kind
			if _, translates := kind.(Translator); translates {
				reader = Twitter{}
			}
			if utf8.ValidString(message) && message != "" && reader.ErrorText(line) != message {
				t.Errorf("%s: ErrorText reads %q of %q", kind.Name(), reader.ErrorText(line), message)
			}
			checked++
		}
	}
	if checked != 9*7 {
		t.Errorf("%d lines were checked", checked)
	}
}

func TestKindsAreFoundByNameAndFormat(t *testing.T) {
	want := "twitter twitter11 x places places-new wikipedia"
	if got := strings.Join(Names(), " "); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for _, kind := range kinds {
		if same, err := InFormat(kind, ""); err != nil || same != kind {
			t.Errorf("%s: %v, %v", kind.Name(), same, err)
		}
		in2012, err := InFormat(kind, Format2012)
		if isX := kind.Name() == "x"; isX && in2012 != (X2012{}) || isX != (err == nil) || err != nil && !errors.Is(err, ErrUnknownFormat) {
			t.Errorf("%s in 2012: %v, %v", kind.Name(), in2012, err)
		}
	}
	if _, err := InFormat(X{}, "2013"); !errors.Is(err, ErrUnknownFormat) || !strings.Contains(err.Error(), "2013") {
		t.Errorf("%v", err)
	}
}
