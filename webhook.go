package numberdesk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/numberdesk/numberdesk/provider"
)

const (
	maxMessage     = 1 << 20          // bytes of the body of one message
	maxHints       = 1000             // that one message can hold
	messageTime    = 10 * time.Second // to read the body, and to write what it leads to
	messagesAtOnce = 64               // of one carrier
	refusalsLogged = time.Minute      // one line at most, for each carrier
)

// Webhooks takes the messages of carriers, each at the carrier's ID under
// Config.WebhookURL: mounted at "/hooks/", "/hooks/telnyx". The last element of the
// path is the ID; what stands before it is up to the mux and the proxies.
//
//	mux.Handle("/hooks/", desk.Webhooks())
//
// A message is a hint: it makes the desk ask the carrier sooner and changes nothing
// that is known of a number. One that the carrier's adapter cannot verify is refused
// and leaves no trace in the store; neither does a repeat within seven days.
//
// The answer is 2xx only when everything that the message leads to is durable, else
// the carrier has to send it again: 400 for one that cannot be read, 401 or 403 for
// one that is not verified, 404 where no carrier of that ID takes messages, 405 for
// a method other than POST and GET, 408 for a body that takes more than ten seconds,
// 413 for one of more than 1 MiB, 500 when the store fails, 503 when the desk is
// closed or 64 messages of the carrier are being taken. What the adapter answers
// stands before these, except in a failure of ours. No carrier is called.
//
// Every message that is taken is an event "carrier.hint" (see [HintEvent]).
//
// The limit on time is set on the connection: a server whose ResponseWriter hides
// it has to set its own. Bytes of headers are bounded by http.Server.
func (d *Desk) Webhooks() http.Handler { return d.hooks }

// hooks serves the messages of all carriers of a desk.
type hooks struct {
	desk  *Desk
	base  string
	lines map[provider.ID]*line
}

// line is where one carrier's messages come in.
type line struct {
	provider.Hooker
	id    provider.ID
	slots chan struct{}

	mu      sync.Mutex
	refused int
	logged  time.Time
}

func newHooks(d *Desk, base string, set *provider.Set) (*hooks, error) {
	h := &hooks{desk: d, base: strings.TrimRight(base, "/"), lines: map[provider.ID]*line{}}
	if base == "" {
		return h, nil
	}
	if u, err := url.Parse(base); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || strings.ContainsAny(base, "?#") {
		return nil, errors.New("numberdesk: Config.WebhookURL is no address like https://desk.example.com/hooks")
	}
	for id, p := range set.All() {
		if k := p.Capabilities().Hooks; k != nil {
			h.lines[id] = &line{Hooker: k, id: id, slots: make(chan struct{}, messagesAtOnce)}
		}
	}
	return h, nil
}

func (h *hooks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l, ok := h.lines[provider.ID(r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:])]
	if !ok {
		refuse(w, http.StatusNotFound)
		return
	}
	if r.Method != http.MethodPost && r.Method != http.MethodGet {
		w.Header().Set("Allow", "GET, POST")
		refuse(w, http.StatusMethodNotAllowed)
		return
	}
	select {
	case l.slots <- struct{}{}:
		defer func() { <-l.slots }()
	default:
		w.Header().Set("Retry-After", "1")
		refuse(w, http.StatusServiceUnavailable)
		return
	}
	body, status := read(w, r)
	if status != 0 {
		refuse(w, status)
		return
	}
	ctx, leave, err := h.desk.enter(r.Context())
	if err != nil {
		refuse(w, http.StatusServiceUnavailable)
		return
	}
	defer leave()
	h.take(ctx, w, l, provider.Webhook{Method: r.Method, URL: h.called(l.id, r.URL), Header: r.Header, Body: body, At: h.desk.now()})
}

// called is the address as the carrier called it.
func (h *hooks) called(id provider.ID, u *url.URL) string {
	s := h.base + "/" + string(id)
	if u.RawQuery != "" || u.ForceQuery {
		s += "?" + u.RawQuery
	}
	return s
}

// read reads the whole body, or says with which status it is refused.
func read(w http.ResponseWriter, r *http.Request) (body []byte, refused int) {
	if r.ContentLength > maxMessage {
		return nil, http.StatusRequestEntityTooLarge
	}
	conn := http.NewResponseController(w)
	_ = conn.SetReadDeadline(time.Now().Add(messageTime)) // of the connection, so by its clock
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxMessage))
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big):
		return nil, http.StatusRequestEntityTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, http.StatusRequestTimeout
	case err != nil:
		return nil, http.StatusBadRequest
	}
	_ = conn.SetReadDeadline(time.Time{})
	return body, 0
}

// take verifies a message, makes what it leads to durable, and only then answers.
func (h *hooks) take(ctx context.Context, w http.ResponseWriter, l *line, m provider.Webhook) {
	hints, answer, err := l.decode(m)
	if err == nil && len(hints) > maxHints {
		err = &provider.Error{Op: provider.OpDecodeHook, Provider: l.id, Kind: provider.Invalid, Outcome: provider.NotApplied, Text: fmt.Sprintf("%d hints in one message", len(hints))}
	}
	if err != nil {
		l.note(h.desk, m.At, err)
		reply(w, answer, statusOf(err))
		return
	}
	if err := h.desk.heed(ctx, l.id, m, hints); err != nil {
		h.desk.logger.Error("numberdesk: taking a message", "carrier", l.id, "err", err)
		refuse(w, http.StatusInternalServerError)
		return
	}
	reply(w, answer, http.StatusOK)
}

// panicked is the error of an adapter that did.
type panicked struct{ kind string }

func (p panicked) Error() string { return "the adapter panicked: " + p.kind }

// decode asks the adapter. Nothing that a message makes it do ends the process,
// and it has no answer then.
func (l *line) decode(m provider.Webhook) (hints []provider.Hint, a provider.Answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			hints, a, err = nil, provider.Answer{}, panicked{fmt.Sprintf("%T", p)}
		}
	}()
	return l.Decode(m)
}

func statusOf(err error) int {
	var p panicked
	switch {
	case errors.As(err, &p):
		return http.StatusInternalServerError
	case errors.Is(err, provider.Unauthorized):
		return http.StatusUnauthorized
	case errors.Is(err, provider.Forbidden):
		return http.StatusForbidden
	}
	return http.StatusBadRequest
}

// note logs what was refused, seldom, so that strangers cannot fill the log.
func (l *line) note(d *Desk, at time.Time, err error) {
	l.mu.Lock()
	l.refused++
	n := l.refused
	quiet := !l.logged.IsZero() && at.Sub(l.logged) < refusalsLogged
	if !quiet {
		l.refused, l.logged = 0, at
	}
	l.mu.Unlock()
	if !quiet {
		d.logger.Warn("numberdesk: messages refused", "carrier", l.id, "count", n, "last", err)
	}
}

// refuse answers with a status and nothing else to learn.
func refuse(w http.ResponseWriter, status int) { http.Error(w, http.StatusText(status), status) }

// reply answers as the adapter says, with status where it does not say.
func reply(w http.ResponseWriter, a provider.Answer, status int) {
	if a.Status != 0 {
		status = a.Status
	} else if status >= 300 {
		a.Body = []byte(http.StatusText(status))
	}
	if status < 200 || status > 599 {
		refuse(w, http.StatusInternalServerError)
		return
	}
	for name, values := range a.Header {
		for _, v := range values {
			w.Header().Add(name, v)
		}
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(a.Body)
}
