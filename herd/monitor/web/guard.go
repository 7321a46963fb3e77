package web

import (
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// policy lets the page have what it was served with, and nothing else: no script that
// stands in the page itself, nothing from elsewhere, and nobody may frame it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// tokenHeader brings the token of this run.
const tokenHeader = "X-Herd-Token"

// guard answers only those who name this machine by a loopback address or as
// localhost, or who know the token, and sets what every answer says to the browser.
func (p *Page) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !isLoopback(r.Host) && !p.isToken(r.Header.Get(tokenHeader)) {
			refuse(w, http.StatusForbidden, "the page is asked for by a loopback address, or as localhost")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// changing lets those pass who have the token from the page, and ask from it. What the
// browser says of where a request comes from (Origin), no page of elsewhere can change.
func (p *Page) changing(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Origin") != "http://"+r.Host:
			refuse(w, http.StatusForbidden, "this is for the page itself: the Origin is another")
		case !p.isToken(r.Header.Get(tokenHeader)):
			refuse(w, http.StatusForbidden, "the page is of another run: load it again")
		default:
			next(w, r)
		}
	}
}

// isToken takes as long whatever is brought.
func (p *Page) isToken(brought string) bool {
	return subtle.ConstantTimeCompare([]byte(brought), []byte(p.token)) == 1
}

// isLoopback reports whether a request's Host is this machine's own name for itself.
func isLoopback(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]") // without a port
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.Unmap().IsLoopback()
}

// refuse answers with a line of text.
func refuse(w http.ResponseWriter, code int, why string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	_, _ = w.Write([]byte(why + "\n")) // fails if nobody waits for it any more
}
