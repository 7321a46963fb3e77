package stage

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// An honest upstream says what a search comes to that finds nothing; each lie is
// something else, and ends.
func TestTheUpstreamHasMoods(t *testing.T) {
	var u Upstream
	web := httptest.NewServer(&u)
	defer web.Close()
	// It is asked as the servers ask it: without following where it leads.
	client := web.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	ask := func() (status int, body string, err error) {
		answer, err := client.Get(web.URL + "/search.json?q=&geocode=1,1,1km&rpp=0")
		if err != nil {
			return 0, "", err
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		return answer.StatusCode, string(text), err
	}
	good := func() bool {
		status, body, err := ask()
		return status == http.StatusOK && body == nothing && err == nil
	}
	if !good() {
		t.Error("it is not honest at first")
	}
	u.Set(Lying)
	var wait sync.WaitGroup
	for range lies { // each is told once
		wait.Go(func() {
			if good() {
				t.Error("a lie was none")
			}
		})
	}
	wait.Wait()
	u.Set(Honest)
	if !good() {
		t.Error("it goes on lying")
	}
}
