package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"proxyherd/factories"
	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
	"proxyherd/reactor/threads"
)

// longest is how much of a page is an answer, in bytes.
const longest = 64 << 10

// FingerFactory10 asks the web.
type FingerFactory10 struct {
	factories.ServerFactory
	reactor reactor.Threads
	client  http.Client
	prefix  string
}

// BuildProtocol makes step 8's protocol, which asks this factory.
func (f *FingerFactory10) BuildProtocol(reactor.Address) reactor.Protocol {
	return &FingerProtocol08{factory: f}
}

// GetUser is the user's page. Twisted has a web client on the reactor, getPage;
// Go's waits, so a worker does.
func (f *FingerFactory10) GetUser(user string) *deferred.Deferred[string] {
	return threads.DeferToThread(f.reactor, func() (string, error) {
		answer, err := f.client.Get(f.prefix + url.PathEscape(user))
		if err != nil {
			return "", err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return "", fmt.Errorf("%s: %s", answer.Request.URL, answer.Status)
		}
		page, err := io.ReadAll(io.LimitReader(answer.Body, longest))
		return string(page), err
	})
}

// finger10 answers with a page of the web.
func finger10(r reactor.Reactor, s settings) error {
	return listen(r, s.address, &FingerFactory10{reactor: r, client: http.Client{Timeout: 10 * time.Second}, prefix: s.prefix})
}
