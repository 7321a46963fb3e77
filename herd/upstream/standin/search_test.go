package standin

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
)

const nearUCLA = "geocode=34.068930,-118.445127,100km"

func TestSameQuestionSameAnswer(t *testing.T) {
	// The answer is written down: it must be the same in every process, on every day.
	const want = `{"completed_in":0.067,"max_id":269427567463848540,"max_id_str":"269427567463848540",` +
		`"next_page":"?page=2&max_id=269427567463848540&q=&geocode=34.06893%2C-118.445127%2C10.0km&rpp=1","page":1,"query":"",` +
		`"refresh_url":"?since_id=269427567463848540&q=&geocode=34.06893%2C-118.445127%2C10.0km","results":[{` +
		`"created_at":"Fri, 16 Nov 2012 13:11:52 +0000","from_user":"yuki566","from_user_id":653988188,"from_user_id_str":"653988188",` +
		`"from_user_name":"\u3086\u304d","geo":{"coordinates":[34.0736,-118.4004],"type":"Point"},"location":"Beverly Hills, US",` +
		`"id":269427567463848540,"id_str":"269427567463848540","iso_language_code":"en","metadata":{"result_type":"recent"},` +
		`"profile_image_url":"http:\/\/images.proxyherd.invalid\/profile_images\/1396598781\/yuki566_normal.jpg",` +
		`"profile_image_url_https":"https:\/\/images.proxyherd.invalid\/profile_images\/1396598781\/yuki566_normal.jpg",` +
		`"source":"&lt;a href=&quot;http:\/\/proxyherd.invalid\/&quot;&gt;proxyherd stand-in&lt;\/a&gt;",` +
		`"text":"coffee &amp; a good book in Beverly Hills \u2615","to_user":null,"to_user_id":0,"to_user_id_str":"0","to_user_name":null}],` +
		`"results_per_page":1,"since_id":0,"since_id_str":"0"}`
	first := body(t, "q=&geocode=34.068930,-118.445127,10km&rpp=1")
	if string(first) != want {
		t.Errorf("got  %s\nwant %s", first, want)
	}
	for _, same := range []string{"geocode=34.06893,-118.445127,10.0km&rpp=1", "rpp=1&page=1&geocode=%2B34.068930%2C-118.445127%2C10km&since_id=5&callback=f&lang=ja"} {
		if again := body(t, same); !bytes.Equal(first, again) {
			t.Errorf("%s is the same question, but is answered\n%s\nnot\n%s", same, again, first)
		}
	}
	for _, other := range []string{"geocode=34.06894,-118.445127,10km&rpp=1", "geocode=34.06893,-118.445127,11km&rpp=1", "geocode=34.06893,-118.445127,10mi&rpp=1", "geocode=34.06893,-118.445127,10km&rpp=1&q=x"} {
		if bytes.Equal(first, body(t, other)) {
			t.Errorf("%s is another question with the same answer", other)
		}
	}
}

func TestLosAngelesNeighboursAreNamed(t *testing.T) {
	_, tweets := results(t, body(t, nearUCLA+"&rpp=20"))
	all := ""
	for _, tweet := range tweets {
		all += tweet["text"] + tweet["location"]
	}
	for _, want := range []string{"Beverly Hills", "Santa Monica", "Culver City", "West Hollywood"} {
		if strings.Count(all, want) < 2 { // once in a text, once as a location
			t.Errorf("%s is not named in %s", want, all)
		}
	}
	if len(tweets) != 20 || !strings.Contains(tweets[0]["location"], "Beverly Hills") {
		t.Errorf("%d tweets, the nearest place is not the first: %v", len(tweets), tweets)
	}
}

func TestPagesGoOn(t *testing.T) {
	// Khumbu has few places: few pages to turn until there is no next_page.
	const khumbu = "geocode=27.5916,86.564,100.0km"
	top, all := results(t, body(t, khumbu+"&rpp=100"))
	if top["next_page"] != "" || len(all) != 3*tweetsPerPlace {
		t.Fatalf("%d tweets on one page, next_page %s", len(all), top["next_page"])
	}
	var turned []map[string]string
	next, pages := "?"+khumbu+"&rpp=4", 0
	for ; next != ""; pages++ {
		top, tweets := results(t, body(t, strings.TrimPrefix(next, "?")))
		turned = append(turned, tweets...)
		if top["max_id"] != all[0]["id"] {
			t.Errorf("page %d has max_id %s", pages+1, top["max_id"])
		}
		if next = top["next_page"]; next != "" {
			next = unquote(t, next)
		}
	}
	if pages != 4 || len(turned) != len(all) {
		t.Fatalf("%d pages of 4 with %d tweets", pages, len(turned))
	}
	for i, tweet := range turned {
		if tweet["id"] != all[i]["id"] || tweet["text"] != all[i]["text"] {
			t.Errorf("tweet %d differs: %v, %v", i, tweet, all[i])
		}
	}
	// Beyond the last page there is nothing, which is no error within the API's 1,500.
	top, tweets := results(t, body(t, khumbu+"&rpp=4&page=5"))
	if len(tweets) != 0 || top["page"] != "5" || top["next_page"] != "" {
		t.Errorf("%v", top)
	}
	// And the API's 1,500 are the end where there is more.
	top, tweets = results(t, body(t, "geocode=34.068930,-118.445127,500mi&page=15&rpp=100"))
	if len(tweets) != 100 || top["next_page"] != "" {
		t.Errorf("%d tweets, next_page %s", len(tweets), top["next_page"])
	}
}

func TestDefaultsOfTheAPI(t *testing.T) {
	top, tweets := results(t, body(t, nearUCLA))
	if len(tweets) != 15 || top["results_per_page"] != "15" || top["page"] != "1" {
		t.Errorf("%d tweets, %v", len(tweets), top)
	}
}

func TestMilesAreStatuteMiles(t *testing.T) {
	for geocode, want := range map[string]float64{"0,0,10mi": 16.09344, "0,0,10km": 10, "0,0,.5mi": 0.804672} {
		if q, err := parse("geocode=" + geocode); err != nil || q.radiusKM() != want {
			t.Errorf("%s: %v km, %v", geocode, q.radiusKM(), err)
		}
	}
}

func TestNothingFound(t *testing.T) {
	for name, parameters := range map[string]string{
		"mid-ocean":                   "geocode=-48.9,-123.4,500km",
		"words alone":                 "q=traffic",
		"a radius that meets nothing": "geocode=34.068930,-118.445127,0.001km",
	} {
		top, tweets := results(t, body(t, parameters))
		if len(tweets) != 0 || top["results"] != "[]" || top["max_id"] != "0" || top["next_page"] != "" {
			t.Errorf("%s: %v", name, top)
		}
	}
}

func TestWordsAreEchoed(t *testing.T) {
	top, tweets := results(t, body(t, nearUCLA+"&rpp=5&q=caf%C3%A9+%26+%3C%22%2F%5C%F0%9F%8F%83"))
	if top["query"] != `"caf%C3%A9+%26+%3C%22%2F%5C%F0%9F%8F%83"` || !strings.Contains(top["refresh_url"], "&q=caf%C3%A9+%26+") {
		t.Errorf("%v", top)
	}
	for _, tweet := range tweets {
		if !strings.HasSuffix(tweet["text"], ` caf\u00e9 &amp; &lt;\"\/\\\ud83c\udfc3"`) {
			t.Errorf("text %s", tweet["text"])
		}
	}
	_, tweets = results(t, body(t, nearUCLA+"&rpp=5&q=%FF%00%0A%0D%09%7F"))
	for _, tweet := range tweets {
		if !strings.HasSuffix(tweet["text"], ` \ufffd\u0000\n\r\t\u007f"`) {
			t.Errorf("text %s", tweet["text"])
		}
	}
}

func TestRefusedQuestions(t *testing.T) {
	const geocode = `{"error":"geocode must be LATITUDE,LONGITUDE,RADIUS, the radius above 0 and followed by km or mi"}`
	const perPage = `{"error":"rpp must be a whole number from 1 to 100"}`
	const page = `{"error":"page parameter out of range"}`
	const noQuery = `{"error":"You must enter a query."}`
	tests := []struct{ parameters, want string }{
		{"", noQuery}, {"q=", noQuery}, {"rpp=5", noQuery}, {"geocode=&q=", noQuery},
		{"geocode=34,-118", geocode}, {"geocode=34,-118,100", geocode}, {"geocode=34,-118,km", geocode}, {"geocode=34,-118,0km", geocode},
		{"geocode=34,-118,-1km", geocode}, {"geocode=34,-118,1m", geocode}, {"geocode=34,-118,1KM", geocode}, {"geocode=34,-118,1%20km", geocode},
		{"geocode=90.1,0,1km", geocode}, {"geocode=0,180.1,1km", geocode}, {"geocode=NaN,0,1km", geocode}, {"geocode=0,Inf,1km", geocode},
		{"geocode=0,0,1e3km", geocode}, {"geocode=0x1p1,0,1km", geocode}, {"geocode=1-2,0,1km", geocode}, {"geocode=,,1km", geocode}, {"geocode=1,2,3km,4", geocode},
		{"geocode=+34,-118,1km", geocode}, // in a URL a plus is a space: an easy mistake, better refused than guessed
		{nearUCLA + "&rpp=0", perPage}, {nearUCLA + "&rpp=101", perPage}, {nearUCLA + "&rpp=-1", perPage}, {nearUCLA + "&rpp=ten", perPage}, {nearUCLA + "&rpp=1.5", perPage},
		{nearUCLA + "&page=0", page}, {nearUCLA + "&page=101", page}, {nearUCLA + "&rpp=100&page=16", page}, {nearUCLA + "&page=99999999999999999999", page}, {nearUCLA + "&page=x", page},
		{"q=" + strings.Repeat("a", 1001), `{"error":"q must not be longer than 1000 bytes"}`},
		{"q=%zz", `{"error":"the parameters are not URL-encoded"}`},
	}
	for _, test := range tests {
		answer := get(Options{}, "/search.json?"+test.parameters)
		if answer.Code != http.StatusForbidden || answer.Body.String() != test.want {
			t.Errorf("%s: %d %s", test.parameters, answer.Code, answer.Body)
		}
	}
}

func TestElsewhereThereIsNothing(t *testing.T) {
	for _, target := range []string{"/", "/search.atom", "/search.json/", "/1.1/search/tweets.jso", "/w/", "/v1/places"} {
		if answer := get(Options{}, target); answer.Code != http.StatusNotFound || answer.Body.String() != `{"error":"Not found"}` {
			t.Errorf("%s: %d %s", target, answer.Code, answer.Body)
		}
	}
}

func BenchmarkAnswer(b *testing.B) {
	q, err := parse(nearUCLA + "&rpp=20")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		answer(q)
	}
}
