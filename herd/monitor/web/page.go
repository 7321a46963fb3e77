package web

import (
	"context"
	"crypto/rand"
	"embed"
	"encoding/hex"
	"errors"
	"io/fs"
	"mime"
	"net"
	"net/http"
	"path"
	"strings"
	"sync/atomic"
	"time"

	jsoniter "github.com/json-iterator/go"
)

var json = jsoniter.ConfigCompatibleWithStandardLibrary

// What the page is made of. Those of npm are listed in npm/README.md.
//
//go:embed assets npm/*.js npm/*.json
var files embed.FS

// Server is a server of the herd, as the page finds it.
type Server struct {
	Name    string   `json:"name"`
	Clients string   `json:"clients"` // HOST:PORT where clients are served
	HTTP    string   `json:"http"`    // HOST:PORT of its pages; "": it has none
	TalksTo []string `json:"talks_to"`
}

// Options is what a Page is made of.
type Options struct {
	// Herd is the herd's name.
	Herd string
	// Servers returns the herd's servers, always the same ones in the same order;
	// their addresses may change. It is called on any goroutine.
	Servers func() []Server
	// Client asks the servers' HTTP ports, and brings the token that they ask for.
	Client *http.Client
	// Patience is how long an answer to a client's lines may take.
	Patience time.Duration
	// Stage is what can be done to the herd; nil: nothing.
	Stage Stage
}

// Page is the live page. New makes it; Serve serves it.
type Page struct {
	Options
	token    string // of this run: who has the page has it
	mux      http.Handler
	pages    atomic.Int32  // that are open
	stopping chan struct{} // closed when the page is served no longer
}

// New makes a page, which does nothing until it is served.
func New(o Options) *Page {
	var token [16]byte
	_, _ = rand.Read(token[:]) // never fails: it ends the program rather than give weak bytes
	p := &Page{Options: o, token: hex.EncodeToString(token[:]), stopping: make(chan struct{})}
	mux := http.NewServeMux()
	p.static(mux)
	mux.HandleFunc("GET /events", p.events)
	mux.HandleFunc("POST /say", p.changing(p.say))
	if o.Stage != nil {
		mux.HandleFunc("POST /act", p.changing(p.act))
	}
	p.mux = p.guard(mux)
	return p
}

// Serve answers on listener, which is on loopback, until ctx is done, and returns nil
// then; else what made the listener fail. The listener is closed in any case. A page is
// served once.
func (p *Page) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler:           p.mux,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      p.Patience + 10*time.Second,
		IdleTimeout:       30 * time.Second,
		MaxHeaderBytes:    16 << 10,
	}
	server.RegisterOnShutdown(func() { close(p.stopping) })
	closed := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		late, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		err := server.Shutdown(late)
		if errors.Is(err, context.DeadlineExceeded) {
			err = server.Close()
		}
		closed <- err
	})
	err := server.Serve(listener)
	if stop() { // the listener failed before ctx was done
		return errors.Join(err, server.Close())
	}
	return <-closed
}

// static serves the files, each at its name.
func (p *Page) static(mux *http.ServeMux) {
	for _, dir := range []string{"assets", "npm"} {
		entries, _ := fs.ReadDir(files, dir) // embedded, as the build has seen to
		for _, entry := range entries {
			body, _ := fs.ReadFile(files, path.Join(dir, entry.Name()))
			at := "/" + entry.Name()
			if entry.Name() == "index.html" {
				at, body = "/{$}", []byte(strings.Replace(string(body), "{{token}}", p.token, 1))
			}
			kind := contentType(entry.Name())
			mux.HandleFunc("GET "+at, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", kind)
				_, _ = w.Write(body) // fails if nobody waits for it any more
			})
		}
	}
}

// contentType is a file's, whatever this machine's own table says.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".json":
		return "application/json"
	}
	return mime.TypeByExtension(path.Ext(name))
}
