package monitor

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"proxyherd/herd"
)

const secret = "0123456789abcdef"

func token(t *testing.T, text string) Token {
	t.Helper()
	made, err := NewToken(text)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestWhatATokenIs(t *testing.T) {
	for text, good := range map[string]bool{
		secret: true, strings.Repeat("~!", 500): true,
		"": false, secret[1:]: false, secret + " ": false, " " + secret: false, secret[:8] + " " + secret[8:]: false,
		secret + "\n": false, secret + "\x7f": false, secret + "\u00e9": false,
	} {
		made, err := NewToken(text)
		if (err == nil) != good || !good && !errors.Is(err, ErrToken) || made.IsZero() == good {
			t.Errorf("%q: %v, want it to be good: %v", text, err, good)
		}
		if err != nil && text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("the error repeats %q", text)
		}
	}
}

func TestATokenIsNotShown(t *testing.T) {
	pages := Pages{Token: token(t, secret)}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if text := fmt.Sprintf(format, pages.Token) + fmt.Sprintf(format, &pages); strings.Contains(text, secret) || strings.Contains(text, fmt.Sprintf("%x", secret)) {
			t.Errorf("%s shows %s", format, text)
		}
	}
	if got := fmt.Sprint(pages.Token, Token{}); got != "[token] no token" {
		t.Errorf("%q", got)
	}
}

// TestEveryPageAsksForTheToken asks each path as one who knows it and as others.
func TestEveryPageAsksForTheToken(t *testing.T) {
	pages := Pages{
		Status:      is(herd.Status{Name: "Hill", Clients: "127.0.0.1:12002"}),
		Measures:    func(context.Context) (Measures, error) { return Measures{}, nil },
		Connections: func(context.Context, int) ([]Connection, int, error) { return nil, 0, nil },
		Profiles:    true, Token: token(t, secret),
	}
	handler := newServer(pages).Handler
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/status.json", "/connections.json", "/debug/pprof/", "/debug/pprof/cmdline", "/debug/pprof/symbol", "/debug/pprof/heap", "/nothing"} {
		for authorization, passes := range map[string]bool{
			"Bearer " + secret: true, "bearer " + secret: true,
			"": false, "Bearer": false, "Bearer ": false, secret: false, "Basic " + secret: false,
			"Bearer " + secret + " ": false, "Bearer  " + secret: false, "Bearer " + secret[1:]: false, "Bearer " + strings.ToUpper(secret): false,
		} {
			request := httptest.NewRequest("GET", path, nil)
			if authorization != "" {
				request.Header.Set("Authorization", authorization)
			}
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, request)
			want := 200
			switch {
			case !passes:
				want = 401
			case path == "/nothing":
				want = 404
			}
			if answer.Code != want || (answer.Header().Get("WWW-Authenticate") == "Bearer") != (want == 401) {
				t.Errorf("%s with %q: %d %q, want %d", path, authorization, answer.Code, answer.Body, want)
			}
			if want == 401 && answer.Body.String() != "this port asks for a token: Authorization: Bearer TOKEN\n" {
				t.Errorf("%s with %q says %q", path, authorization, answer.Body)
			}
		}
	}
}

func TestWithATokenEveryAddressIsListenedOn(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", ":0", "0.0.0.0:0"} {
		listener, err := Listen(address, token(t, secret))
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if err := listener.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := Listen("127.0.0.1", token(t, secret)); err == nil {
		t.Error("an address without a port was listened on")
	}
}

func TestWithoutATokenNoNameLeadsHere(t *testing.T) {
	open := Pages{Status: is(herd.Status{Name: "Hill", Clients: "127.0.0.1:12002"})}
	closed := open
	closed.Token = token(t, secret)
	for host, passes := range map[string]bool{
		"127.0.0.1": true, "127.0.0.1:12202": true, "[::1]": true, "[::1]:12202": true, "localhost": true, "LocalHost:12202": true,
		"example.invalid": false, "example.invalid:12202": false, "localhost.example.invalid": false, "127.0.0.1.example.invalid:80": false, "": false,
	} {
		request := httptest.NewRequest("GET", "/healthz", nil)
		request.Host = host
		answer := httptest.NewRecorder()
		newServer(open).Handler.ServeHTTP(answer, request)
		if want := map[bool]int{true: 200, false: 403}[passes]; answer.Code != want {
			t.Errorf("%q: %d %s, want %d", host, answer.Code, answer.Body, want)
		}
		request.Header.Set("Authorization", "Bearer "+secret)
		answer = httptest.NewRecorder()
		if newServer(closed).Handler.ServeHTTP(answer, request); answer.Code != 200 {
			t.Errorf("%q with the token: %d", host, answer.Code)
		}
	}
}
