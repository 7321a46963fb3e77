package standin

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
)

const laPoint = "point_radius:[-118.445127 34.068930 9.5km]"

// What these tests read of an answer.
type (
	xUserRead  struct{ ID, Username, Location string }
	xPlaceRead struct {
		ID       string
		FullName string `json:"full_name"`
		Geo      struct{ BBox []float64 }
	}
)

type xRead struct {
	Data []struct {
		ID, Text  string
		AuthorID  string   `json:"author_id"`
		CreatedAt string   `json:"created_at"`
		History   []string `json:"edit_history_tweet_ids"`
		ToID      string   `json:"in_reply_to_user_id"`
		Geo       *struct {
			PlaceID     string `json:"place_id"`
			Coordinates *struct{ Coordinates []float64 }
		}
	}
	Includes *struct {
		Users  []xUserRead
		Places []xPlaceRead
	}
	Meta struct {
		NewestID    string `json:"newest_id"`
		OldestID    string `json:"oldest_id"`
		ResultCount int    `json:"result_count"`
		NextToken   string `json:"next_token"`
	}
}

// getX asks for parameters that must be answered; text is the answer as it came.
func getX(t *testing.T, parameters ...string) (read xRead, text string) {
	t.Helper()
	answer := askX(parameters...)
	if answer.Code != 200 {
		t.Fatalf("%v: %d %s", parameters, answer.Code, answer.Body)
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &read); err != nil {
		t.Fatalf("%v: %v", parameters, err)
	}
	if read.Meta.ResultCount != len(read.Data) {
		t.Errorf("%v: result_count is %d of %d", parameters, read.Meta.ResultCount, len(read.Data))
	}
	return read, answer.Body.String()
}

// askX asks for parameters: a name, its value, and so on.
func askX(parameters ...string) *httptest.ResponseRecorder {
	values := url.Values{}
	for pair := range slices.Chunk(parameters, 2) {
		values.Set(pair[0], pair[1])
	}
	return asked{method: "GET", target: x.path + "?" + values.Encode(), header: bearer}.of(New(Options{}))
}

func TestXGivesWhatIsAskedFor(t *testing.T) {
	bare, text := getX(t, "query", laPoint)
	if len(bare.Data) != 10 || bare.Includes != nil || bare.Meta.NextToken == "" {
		t.Fatalf("%s", text)
	}
	for _, post := range bare.Data {
		if post.AuthorID != "" || post.CreatedAt != "" || post.Geo != nil || post.Text == "" || len(post.History) != 1 || post.History[0] != post.ID {
			t.Errorf("%+v", post)
		}
	}
	if bare.Meta.NewestID != bare.Data[0].ID || bare.Meta.OldestID != bare.Data[9].ID {
		t.Errorf("%+v", bare.Meta)
	}
	full, text := getX(t, "query", laPoint, "max_results", "100", "expansions", "author_id,geo.place_id,in_reply_to_user_id",
		"tweet.fields", "created_at,lang,public_metrics,possibly_sensitive,context_annotations", "user.fields", "location,profile_image_url,protected,verified,url",
		"place.fields", "name,country_code,geo,place_type,country")
	located := 0
	for _, post := range full.Data {
		i := slices.IndexFunc(full.Includes.Users, func(u xUserRead) bool { return u.ID == post.AuthorID })
		j := slices.IndexFunc(full.Includes.Places, func(p xPlaceRead) bool { return p.ID == post.Geo.PlaceID })
		if i < 0 || j < 0 || full.Includes.Users[i].Location == "" || !strings.HasPrefix(post.CreatedAt, "2023-10-1") {
			t.Fatalf("author %d, place %d of %+v", i, j, post)
		}
		place := full.Includes.Places[j]
		name, country, _ := strings.Cut(place.FullName, ", ")
		if !strings.Contains(post.Text, name) || country != "US" {
			t.Errorf("%q is from %q", post.Text, place.FullName)
		}
		if post.Geo.Coordinates != nil {
			located++
			at := post.Geo.Coordinates.Coordinates
			if box := place.Geo.BBox; box[0] > at[0] || at[0] > box[2] || box[1] > at[1] || at[1] > box[3] || at[0] > 0 {
				t.Errorf("%v is not in %v", at, box)
			}
		}
		if post.ToID != "" && !slices.ContainsFunc(full.Includes.Users, func(u xUserRead) bool {
			return u.ID == post.ToID && strings.HasPrefix(post.Text, "@"+u.Username)
		}) {
			t.Errorf("%+v is to nobody", post)
		}
	}
	if located == 0 || len(full.Data) < 20 {
		t.Errorf("%d of %d are located", located, len(full.Data))
	}
	for _, name := range []string{`"lang":"en"`, `"public_metrics":{"retweet_count":`, `"possibly_sensitive":false`, `"country_code":"US"`, `"place_type":"city"`, `"protected":false`, `"verified":false`, `"profile_image_url":"https://images.proxyherd.invalid/`} {
		if !strings.Contains(text, name) {
			t.Errorf("%s is not in the answer", name)
		}
	}
	if strings.Contains(text, `\/`) || strings.Contains(text, `\ud8`) || !strings.Contains(text, "🌌") {
		t.Errorf("X escapes neither slashes nor characters")
	}
}

func TestXTurnsPages(t *testing.T) {
	all, _ := getX(t, "query", laPoint, "max_results", "100")
	var turned []string
	pages, token := 0, ""
	for again := true; again; again = token != "" {
		name := []string{"next_token", "pagination_token"}[pages%2]
		read, _ := getX(t, "query", laPoint, "max_results", "10", name, token)
		for _, post := range read.Data {
			turned = append(turned, post.ID)
		}
		token = read.Meta.NextToken
		pages++
	}
	if len(turned) != len(all.Data) || pages != (len(all.Data)+9)/10 || pages < 3 {
		t.Fatalf("%d pages with %d of %d", pages, len(turned), len(all.Data))
	}
	for i, post := range all.Data {
		if turned[i] != post.ID {
			t.Errorf("tweet %d differs", i)
		}
	}
	first, _ := getX(t, "query", laPoint)
	for _, token := range []string{"zzz", "-", "0", strings.ToUpper(first.Meta.NextToken), first.Meta.NextToken + "0", strings.Repeat("z", 20)} {
		if answer := askX("query", laPoint, "next_token", token); answer.Code != 400 || !strings.Contains(answer.Body.String(), `{"next_token":["`) {
			t.Errorf("token %s: %d %s", token, answer.Code, answer.Body)
		}
	}
	if answer := askX("query", laPoint+" other", "next_token", first.Meta.NextToken); answer.Code != 400 {
		t.Errorf("a token of another query was taken: %s", answer.Body)
	}
}

func TestXFindsNothing(t *testing.T) {
	if _, text := getX(t, "query", "point_radius:[-123.4 -48.9 1km]", "expansions", "author_id"); text != `{"meta":{"result_count":0}}` {
		t.Errorf("%s", text)
	}
}

func TestXQuery(t *testing.T) {
	for query, words := range map[string]string{
		laPoint: "", "surf " + laPoint + " -is:retweet has:geo lang:en beach -sand": "surf beach", "a" + laPoint + "b": "a b",
		"point_radius:[-118.445127 34.068930 24.9mi]": "", "point_radius:[-118.445127  34.068930 39.999km]": "",
	} {
		q, invalid := parseX(url.Values{"query": {query}}.Encode())
		if invalid != nil || q.words != words || q.lat != 34.06893 || q.lon != -118.445127 {
			t.Errorf("%s: %+v, %v", query, q, invalid)
		}
	}
	for query, says := range map[string]string{
		"":                                     "1 to 512 characters",
		strings.Repeat("é", 513):               "1 to 512 characters",
		"surf":                                 "needs the operator point_radius",
		"point_radius:[-118 34 1km":            "needs the operator point_radius",
		"point_radius:[-118 34]":               "longitude first",
		"point_radius:[34 -118 1km]":           "longitude first", // the other way round is off the earth
		"point_radius:[-118 34 1]":             "longitude first",
		"point_radius:[-118,34,1km]":           "longitude first",
		"point_radius:[-118 34 0km]":           "longitude first",
		"point_radius:[-118 34 40km]":          "less than 25 mi or 40 km",
		"point_radius:[-118.445127 34.0 25mi]": "less than 25 mi or 40 km",
	} {
		if answer := askX("query", query); answer.Code != 400 || !strings.Contains(answer.Body.String(), says) || !strings.Contains(answer.Body.String(), "/problems/invalid-request") {
			t.Errorf("%.40s: %d %s", query, answer.Code, answer.Body)
		}
	}
}

func TestXRefuses(t *testing.T) {
	for _, pair := range [][2]string{
		{"max_results", "9"}, {"max_results", "101"}, {"max_results", "ten"}, {"max_results", "0"},
		{"tweet.fields", "author_id,colour"}, {"user.fields", "colour"}, {"place.fields", "id,,name"}, {"expansions", "author"},
	} {
		answer := askX("query", laPoint, pair[0], pair[1])
		want := `{"errors":[{"parameters":{"` + pair[0] + `":["` + pair[1] + `"]},"message":"The ` + "`" + pair[0] + "`"
		if answer.Code != 400 || !strings.HasPrefix(answer.Body.String(), want) {
			t.Errorf("%v: %d %s", pair, answer.Code, answer.Body)
		}
	}
	a := good[2]
	a.header = nil
	if answer := a.of(New(Options{})); answer.Code != http.StatusUnauthorized || answer.Body.String() != `{"title":"Unauthorized","detail":"Unauthorized","type":"about:blank","status":401}` {
		t.Errorf("no token: %d %s", answer.Code, answer.Body)
	}
	a = asked{method: "GET", target: x.path + "?query=%zz", header: bearer}
	if answer := a.of(New(Options{})); answer.Code != 400 {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}
