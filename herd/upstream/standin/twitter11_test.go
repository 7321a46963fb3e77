package standin

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// status11 is what these tests read of a tweet of v1.1.
type status11 struct {
	ID          uint64
	Text        string
	Geo         *struct{ Coordinates []float64 }
	Coordinates *struct{ Coordinates []float64 }
	ReplyName   *string `json:"in_reply_to_screen_name"`
	Entities    struct {
		Hashtags []struct {
			Text    string
			Indices []int
		}
		URLs []struct {
			URL     string
			Indices []int
		}
		Mentions []struct {
			Name    string `json:"screen_name"`
			Indices []int
		} `json:"user_mentions"`
	}
}

type answer11Read struct {
	Statuses []status11
	Meta     struct {
		MaxID       uint64 `json:"max_id"`
		SinceID     uint64 `json:"since_id"`
		NextResults string `json:"next_results"`
		RefreshURL  string `json:"refresh_url"`
		Query       string
		Count       int
	} `json:"search_metadata"`
}

// get11 asks v1.1 for parameters that it must answer.
func get11(t *testing.T, parameters string) (read answer11Read) {
	t.Helper()
	answer := asked{method: "GET", target: "/1.1/search/tweets.json?" + strings.TrimPrefix(parameters, "?"), header: bearer}.of(New(Options{}))
	if answer.Code != 200 {
		t.Fatalf("%s: %d %s", parameters, answer.Code, answer.Body)
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &read); err != nil {
		t.Fatalf("%s: %v", parameters, err)
	}
	return read
}

func TestTwitter11HasTheTweetsOfTwitter(t *testing.T) {
	_, old := results(t, body(t, nearUCLA+"&rpp=100"))
	read := get11(t, nearUCLA+"&count=100")
	if len(read.Statuses) != 100 || len(old) != 100 || read.Meta.Count != 100 || read.Meta.Query != "" {
		t.Fatalf("%d statuses, %d results, %+v", len(read.Statuses), len(old), read.Meta)
	}
	located, replies := 0, 0
	for i, s := range read.Statuses {
		if s.Text != unquote(t, old[i]["text"]) {
			t.Errorf("%q is not %s", s.Text, old[i]["text"])
		}
		if (s.Geo == nil) != (s.Coordinates == nil) || (s.Geo == nil) != (old[i]["geo"] == "null") {
			t.Errorf("geo %v, coordinates %v, once %s", s.Geo, s.Coordinates, old[i]["geo"])
		}
		if s.Geo != nil {
			located++
			if s.Geo.Coordinates[0] != s.Coordinates.Coordinates[1] || s.Geo.Coordinates[1] != s.Coordinates.Coordinates[0] || s.Geo.Coordinates[0] < 0 {
				t.Errorf("geo %v, coordinates %v", s.Geo, s.Coordinates)
			}
		}
		if s.ReplyName != nil {
			replies++
		}
	}
	if located == 0 || replies == 0 {
		t.Errorf("%d are located, %d are replies", located, replies)
	}
	if def := get11(t, nearUCLA); len(def.Statuses) != 15 {
		t.Errorf("%d statuses where no count was asked", len(def.Statuses))
	}
}

func TestTwitter11TurnsPages(t *testing.T) {
	const khumbu = "q=&geocode=27.5916,86.564,100.0km"
	all := get11(t, khumbu+"&count=100").Statuses
	var turned []status11
	pages := 0
	for next := khumbu + "&count=4"; next != ""; pages++ {
		read := get11(t, next)
		turned = append(turned, read.Statuses...)
		next = read.Meta.NextResults
	}
	if pages != 4 || len(turned) != len(all) || len(all) != 15 {
		t.Fatalf("%d pages with %d of %d", pages, len(turned), len(all))
	}
	for i := range all {
		if turned[i].ID != all[i].ID {
			t.Errorf("tweet %d differs", i)
		}
	}
	// The refresh has nothing new; since an id there are those above it.
	if read := get11(t, get11(t, khumbu).Meta.RefreshURL); len(read.Statuses) != 0 {
		t.Errorf("%d tweets are newer than the newest", len(read.Statuses))
	}
	read := get11(t, khumbu+"&since_id="+strconv.FormatUint(all[5].ID, 10)+"&max_id="+strconv.FormatUint(all[2].ID, 10))
	if len(read.Statuses) != 3 || read.Statuses[0].ID != all[2].ID || read.Meta.SinceID != all[5].ID || read.Meta.NextResults != "" {
		t.Errorf("%d tweets, %+v", len(read.Statuses), read.Meta)
	}
	if read := get11(t, khumbu+"&max_id=5"); len(read.Statuses) != 0 || read.Meta.MaxID != 5 {
		t.Errorf("%+v", read)
	}
	if read := get11(t, "q=words+alone"); len(read.Statuses) != 0 || read.Meta.MaxID != 0 {
		t.Errorf("%+v", read)
	}
}

func TestTwitter11Entities(t *testing.T) {
	topics, addresses, mentions := 0, 0, 0
	part := func(text string, indices []int) string { return string([]rune(text)[indices[0]:indices[1]]) }
	for _, s := range get11(t, "q=see+%23h%C3%A9llo!&count=100&geocode=34.068930,-118.445127,100km").Statuses {
		for _, e := range s.Entities.Hashtags {
			topics++
			if part(s.Text, e.Indices) != "#"+e.Text || e.Text != "home" && e.Text != "héllo" {
				t.Errorf("%q in %q", e.Text, s.Text)
			}
		}
		for _, e := range s.Entities.URLs {
			addresses++
			if part(s.Text, e.Indices) != e.URL || !strings.Contains(e.URL, ".invalid/") {
				t.Errorf("%q in %q", e.URL, s.Text)
			}
		}
		for _, e := range s.Entities.Mentions {
			mentions++
			if s.ReplyName == nil || part(s.Text, e.Indices) != "@"+e.Name || *s.ReplyName != e.Name {
				t.Errorf("%q in %q", e.Name, s.Text)
			}
		}
		if s.ReplyName != nil && len(s.Entities.Mentions) != 1 {
			t.Errorf("%q mentions %v", s.Text, s.Entities.Mentions)
		}
	}
	if topics < 100 || addresses == 0 || mentions == 0 {
		t.Errorf("%d topics, %d addresses, %d mentions", topics, addresses, mentions)
	}
	for text, want := range map[string]int{"#": 0, "# x": 0, "a#b": 0, "#1!#2": 1, "##": 0, "": 0, "é #é_1é.": 1} {
		got := entitiesOf(text, "#")
		if len(got) != want {
			t.Errorf("%q: %v", text, got)
		}
		for _, e := range got {
			if e.to-e.from != utf8.RuneCountInString(e.text) {
				t.Errorf("%q: %v", text, e)
			}
		}
	}
}

func TestTwitter11Refuses(t *testing.T) {
	const auth = `{"errors":[{"code":215,"message":"Bad Authentication data."}]}`
	for _, header := range []string{"", "Basic t", "Bearer", "Bearer  ", "t"} {
		a := good[1]
		a.header = map[string]string{"Authorization": header}
		if answer := a.of(New(Options{})); answer.Code != 400 || answer.Body.String() != auth {
			t.Errorf("%q: %d %s", header, answer.Code, answer.Body)
		}
	}
	for parameters, want := range map[string]string{
		"": string(errNoQuery), "geocode=1,2": string(errGeocode), "q=%zz": string(errParameters),
		nearUCLA + "&count=0": string(errCount), nearUCLA + "&count=101": string(errCount), nearUCLA + "&max_id=x": string(errID), nearUCLA + "&since_id=-1": string(errID),
	} {
		answer := asked{method: "GET", target: "/1.1/search/tweets.json?" + parameters, header: bearer}.of(New(Options{}))
		if answer.Code != 403 || answer.Body.String() != `{"errors":[{"code":195,"message":"`+want+`"}]}` {
			t.Errorf("%s: %d %s", parameters, answer.Code, answer.Body)
		}
	}
}
