package monitor

import (
	"context"
	"fmt"
	"net/http"
	"net/http/pprof"

	jsoniter "github.com/json-iterator/go"
)

var json = jsoniter.ConfigCompatibleWithStandardLibrary

// mux has the paths that there are. A GET pattern takes HEAD too, and the mux
// answers any other method with 405 and the list of those allowed.
func (p Pages) mux(onlookers *live) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		if _, err := ask(r, p.Status); err != nil {
			unavailable(w, err)
			return
		}
		say(w, http.StatusOK, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		status, err := ask(r, p.Status)
		if err == nil {
			err = ready(status)
		}
		if err != nil {
			unavailable(w, err)
			return
		}
		say(w, http.StatusOK, readyText(status))
	})
	mux.HandleFunc("GET /status.json", func(w http.ResponseWriter, r *http.Request) {
		status, err := ask(r, p.Status)
		if err != nil {
			unavailable(w, err)
			return
		}
		sendJSON(w, status)
	})
	if p.Measures != nil {
		mux.HandleFunc("GET /metrics", newExposition(p.Measures).serve)
	}
	if p.Connections != nil {
		mux.HandleFunc("GET /connections.json", p.connections)
	}
	if p.Sample != nil && p.Walk != nil {
		mux.HandleFunc("GET /live", onlookers.events)
		mux.HandleFunc("GET /records", onlookers.records)
	}
	if p.Profiles {
		mux.HandleFunc("GET /debug/pprof/", pprof.Index)
		mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	}
	return mux
}

// ask gets something from the loop, or gives up after patience.
func ask[T any](r *http.Request, what func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeoutCause(r.Context(), patience,
		fmt.Errorf("the server's loop has not answered within %v", patience))
	defer cancel()
	got, err := what(ctx)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return got, err
}

func unavailable(w http.ResponseWriter, why error) {
	say(w, http.StatusServiceUnavailable, why.Error())
}

// say answers with a line of text.
func say(w http.ResponseWriter, code int, text string) {
	send(w, code, "text/plain; charset=utf-8", []byte(text))
}

func sendJSON(w http.ResponseWriter, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		say(w, http.StatusInternalServerError, err.Error())
		return
	}
	send(w, http.StatusOK, "application/json", text)
}

// send writes an answer, which is of this moment and so is kept by nobody. The
// error of Write says that whoever asked has gone, which needs no answer.
func send(w http.ResponseWriter, code int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_, _ = w.Write(append(body, '\n'))
}
