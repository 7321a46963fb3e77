package upstream

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// documented is the answer that X's documentation shows, with a reply, and a post that has nothing but what it must.
const documented = `{"data":[{"id":"1712345678901234567","text":"clear over \u0041ma \/ Dablam \"","author_id":"34011528",` +
	`"created_at":"2023-10-12T06:15:00.000Z","lang":"en","in_reply_to_user_id":"12","geo":{"place_id":"01fbe706f872cb32",` +
	`"coordinates":{"type":"Point","coordinates":[86.550,27.6e0]}},"edit_history_tweet_ids":["1712345678901234567"]},` +
	`{"id":"3","text":"é"}],"includes":{"users":[{"id":"12","name":"Twelve","username":"twelve"},` +
	`{"id":"34011528","name":"Trek","username":"trekker_np","profile_image_url":"https:\/\/x\/a.jpg"}],` +
	`"places":[{"id":"01fbe706f872cb32","full_name":"Lukla, Nepal"}]},` +
	`"meta":{"newest_id":"1712345678901234567","oldest_id":"3","result_count":2,"next_token":"b26v89c19zqg8o3f"}}`

func TestTranslateFieldByField(t *testing.T) {
	const want = `{"max_id":1712345678901234567,"max_id_str":"1712345678901234567","page":1,"query":"","results":[` +
		`{"created_at":"Thu, 12 Oct 2023 06:15:00 +0000","from_user":"trekker_np","from_user_id":34011528,"from_user_id_str":"34011528",` +
		`"from_user_name":"Trek","geo":{"coordinates":[27.6e0,86.550],"type":"Point"},"id":1712345678901234567,"id_str":"1712345678901234567",` +
		`"iso_language_code":"en","location":"Lukla, Nepal","metadata":{"result_type":"recent"},"profile_image_url":"https:\/\/x\/a.jpg",` +
		`"profile_image_url_https":"https:\/\/x\/a.jpg","text":"clear over \u0041ma \/ Dablam \"","to_user":"twelve","to_user_id":12,"to_user_id_str":"12","to_user_name":"Twelve"},` +
		`{"geo":null,"id":3,"id_str":"3","metadata":{"result_type":"recent"},"text":"é","to_user":null,"to_user_id":0,"to_user_id_str":"0","to_user_name":null}],` +
		`"results_per_page":7,"since_id":0,"since_id_str":"0"}`
	got, err := X2012{}.Translate([]byte(documented), Query{Limit: 7})
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
	if !json.Valid(got) {
		t.Errorf("%s is not JSON", got)
	}
}

func TestTranslateNothingFound(t *testing.T) {
	const want = `{"max_id":0,"max_id_str":"0","page":1,"query":"","results":[],"results_per_page":0,"since_id":0,"since_id_str":"0"}`
	got, err := X2012{}.Translate([]byte(`{"meta":{"result_count":0}}`), Query{})
	if err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}

func TestTranslateRefusesOtherForms(t *testing.T) {
	for _, answer := range []string{
		`[]`, `"x"`, `{"data":{}}`, `{"data":[{"id":5}]}`, `{"data":[{"id":"a"}]}`, `{"data":[{"id":"01"}]}`, `{"data":[{"id":"1","author_id":"-1"}]}`,
		`{"data":[{"id":"1","created_at":"yesterday"}]}`, `{"meta":{"newest_id":"1,\"a\":2"}}`, `{"data":[{"id":"1","in_reply_to_user_id":"x"}]}`,
	} {
		if got, err := (X2012{}).Translate([]byte(answer), Query{}); !errors.Is(err, ErrNotJSON) || strings.ContainsAny(err.Error(), "\r\n") {
			t.Errorf("%s became %s, %v", answer, got, err)
		}
	}
}

// FuzzTranslate: whatever X sends, what a client gets is one line of JSON, in which no number was read as one.
func FuzzTranslate(f *testing.F) {
	for _, seed := range []string{documented, `{"meta":{}}`, `{"data":[{"id":"1","geo":{"coordinates":{"coordinates":["a",1]}}}]}`, `{"data":null}`,
		`{"data":[{"id":"1","text":1e400}]}`, `{"data":[{"id":"1","geo":{"coordinates":{"coordinates":["1],[",""]}}}]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		line, err := Compact(nil, answer)
		if err != nil {
			return
		}
		got, err := X2012{}.Translate(line, Query{Limit: 5})
		if err == nil && (!json.Valid(got) || strings.ContainsAny(string(got), "\r\n")) {
			t.Errorf("%s became %q", line, got)
		}
	})
}
