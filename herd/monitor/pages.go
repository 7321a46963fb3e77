package monitor

import (
	"context"
	"fmt"
	"net/http"

	jsoniter "github.com/json-iterator/go"

	"proxyherd/herd"
)

var json = jsoniter.ConfigCompatibleWithStandardLibrary

// pages are the paths that there are. A GET pattern takes HEAD too, and the mux
// answers any other method with 405 and the list of those allowed.
func pages(source Source) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		if _, err := ask(r, source); err != nil {
			unavailable(w, err.Error())
			return
		}
		say(w, http.StatusOK, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		status, err := ask(r, source)
		switch {
		case err != nil:
			unavailable(w, err.Error())
		case status.Stopping:
			unavailable(w, status.Name+" is stopping")
		case status.Clients == "":
			unavailable(w, status.Name+" does not listen for clients yet")
		default:
			say(w, http.StatusOK, "ready")
		}
	})
	mux.HandleFunc("GET /status.json", func(w http.ResponseWriter, r *http.Request) {
		status, err := ask(r, source)
		if err != nil {
			unavailable(w, err.Error())
			return
		}
		text, err := json.Marshal(status)
		if err != nil {
			say(w, http.StatusInternalServerError, err.Error())
			return
		}
		send(w, http.StatusOK, "application/json", text)
	})
	return mux
}

// ask gets the status from the loop, or gives up after patience.
func ask(r *http.Request, source Source) (herd.Status, error) {
	ctx, cancel := context.WithTimeoutCause(r.Context(), patience,
		fmt.Errorf("the server's loop has not answered within %v", patience))
	defer cancel()
	status, err := source.Status(ctx)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return status, err
}

func unavailable(w http.ResponseWriter, why string) { say(w, http.StatusServiceUnavailable, why) }

// say answers with a line of text.
func say(w http.ResponseWriter, code int, text string) {
	send(w, code, "text/plain; charset=utf-8", []byte(text))
}

// send writes an answer, which is of this moment and so is kept by nobody. The
// error of Write says that whoever asked has gone, which needs no answer.
func send(w http.ResponseWriter, code int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_, _ = w.Write(append(body, '\n'))
}
