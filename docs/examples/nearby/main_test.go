package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"proxyherd/herd/twister"
	"proxyherd/herd/upstream/standin"
)

func TestItPrintsWhatIsNearby(t *testing.T) {
	server := httptest.NewServer(standin.New(standin.Options{}))
	defer server.Close()
	var out bytes.Buffer
	if err := run([]string{"twitter", "+27.5916", "+86.5640", "100", "3"}, server.URL+"/search.json", &out); err != nil {
		t.Fatal(err)
	}
	var answer struct{ Results []any }
	if err := json.Unmarshal(out.Bytes(), &answer); err != nil || len(answer.Results) != 3 || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("%s, %v", out.String(), err)
	}
}

func TestItSaysWhatIsWrong(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	var answer *twister.AnswerError
	if err := run([]string{"twitter", "+1", "+2", "3", "4"}, server.URL, nil); !errors.As(err, &answer) || answer.Status != http.StatusNotFound {
		t.Errorf("%v", err)
	}
	for _, args := range [][]string{nil, {"twitter", "+1", "+2", "3", "four"}} {
		if err := run(args, "", nil); !errors.Is(err, errUsage) {
			t.Errorf("%q: %v", args, err)
		}
	}
}
