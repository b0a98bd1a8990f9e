package sandbox

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

func TestARestartedCarrierGoesOnWithItsPorts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	clk := newClock()
	cfg := Config{Ledger: path, Sync: true, Now: clk.Now, Seed: 5, HookKey: hookKey}
	var d *desk
	restart := func() {
		t.Helper()
		if d != nil {
			before := d.c.Book()
			ms, _ := d.c.Messages(0)
			require.NoError(t, d.c.Close())
			require.Equal(t, before, must(ReadLedger(path)))
			d = open(t, cfg)
			require.Equal(t, before, d.c.Book())
			again, _ := d.c.Messages(0)
			require.Equal(t, ms, again)
		} else {
			d = open(t, cfg)
		}
		d.clk = clk
	}
	restart()
	ns := d.foreign(provider.LineWireless, 2)
	r := d.asking("p1", ns...)
	account := r.Account
	r.Account = secret.New("wrong")
	doc := d.loa("d1")
	restart()
	r.Documents = []provider.Ref{doc}
	os, err := d.Ports.OpenPort(ctxOf(t), r)
	require.NoError(t, err)
	ref := os[0].Ref
	restart()
	_, err = d.Ports.SubmitPort(ctxOf(t), "s1", ref)
	require.NoError(t, err)
	_, err = d.PortNotes.AddPortComment(ctxOf(t), "c1", ref, secret.New("call Ada Canary"))
	require.NoError(t, err)
	restart()
	d.until(ref, provider.PortRejected)
	restart()
	require.Equal(t, "account_number_invalid", d.port(ref).Reasons[0].Code)
	r = d.asking("", ns...)
	require.True(t, account.Equal(r.Account), "the losing carrier is the same")
	_, err = d.PortAmend.AmendPort(ctxOf(t), "a1", ref, r)
	require.NoError(t, err)
	_, err = d.Ports.CancelPort(ctxOf(t), "x1", ref, ns[1:])
	require.NoError(t, err)
	restart()
	o := d.until(ref, provider.PortFOC)
	require.NoError(t, d.c.MoveFOC(ref, o.FOC.Add(48*time.Hour)))
	restart()
	require.True(t, o.FOC.Add(48*time.Hour).Equal(d.port(ref).FOC))
	o = d.until(ref, provider.PortDone)
	require.Equal(t, provider.PortCancelled, o.Items[1].State)
	px, err := d.c.AskPortOut(ns[0], "Elsewhere Tel", time.Hour)
	require.NoError(t, err)
	restart()
	require.NoError(t, d.PortOuts.AnswerPortOut(ctxOf(t), "w1", px, true, ""))
	restart()
	require.Equal(t, ns[:1], d.c.Book().OwnedAt(clk.Now()))
	require.Equal(t, ns[:1], d.c.Book().GainedBy(clk.Now()))
	require.Equal(t, []provider.Ref{ref}, d.c.Book().PortsAt(provider.PortDone, clk.Now()))
	clk.add(leaveMax)
	require.Empty(t, d.c.Book().OwnedAt(clk.Now()))
	require.Equal(t, ns[:1], d.c.Book().LostBy(clk.Now()))

	// Of comments, ours are not in the ledger, and the desk's are no secret.
	for _, face := range []*desk{d, d.dialled()} {
		page, err := face.PortNotes.ListPortComments(ctxOf(t), ref, provider.Page{})
		require.NoError(t, err)
		require.Len(t, page.Items, 2)
		require.Equal(t, secret.Redacted, page.Items[0].Text.Reveal())
		require.Contains(t, answers, page.Items[1].Text.Reveal())
	}
	again, err := d.PortNotes.AddPortComment(ctxOf(t), "c1", ref, secret.New("call Ada Canary"))
	require.NoError(t, err, "the same key, also after a restart")
	require.Equal(t, 1, d.c.Book().Applied(provider.OpAddPortComment, "c1"))
	require.True(t, again.Ours)
}

// What is secret in a request is nowhere but in memory.
func TestNoSecretOfAPortGetsOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	clk := newClock()
	d := open(t, Config{Ledger: path, Now: clk.Now, HookKey: hookKey})
	d.clk = clk
	far := d.dialled()
	var out bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&out, nil))
	say := func(v any, err error) {
		log.Info("said", "value", v, "error", err)
		fmt.Fprintf(&out, "%+v %#v %v\n", v, v, err)
	}
	var secrets []string
	for i, d := range []*desk{d, far} {
		ns := d.foreign(provider.LineWireless, 2)
		r := d.asking(provider.Key(fmt.Sprint("p", i)), ns...)
		secrets = append(secrets, r.Account.Reveal(), r.Lines[0].PIN.Reveal(), r.Lines[1].PIN.Reveal())
		r.Lines[1].PIN = secret.New("CANARY-PIN")
		r.Documents = []provider.Ref{d.loa(r.Key + "d")}
		say(d.Ports.OpenPort(ctxOf(t), r))
		say(d.Ports.OpenPort(ctxOf(t), d.asking("other", ns...)))
		f, err := d.Ports.TrackPort(ctxOf(t), provider.Trace{Key: r.Key})
		say(f, err)
		o := f.Value[0]
		say(d.PortAmend.AmendPort(ctxOf(t), r.Key+"a", o.Ref, r))
		say(d.Ports.SubmitPort(ctxOf(t), r.Key+"s", o.Ref))
		say(d.PortAmend.AmendPort(ctxOf(t), r.Key+"b", o.Ref, r))
		say(d.PortNotes.AddPortComment(ctxOf(t), r.Key+"c", o.Ref, secret.New("Canary on the phone")))
		say(d.PortNotes.ListPortComments(ctxOf(t), o.Ref, provider.Page{}))
		say(d.until(o.Ref, provider.PortRejected), nil)
		long := r
		long.Name = secret.New(fmt.Sprintf("%300s", "Canary"))
		say(d.Ports.OpenPort(ctxOf(t), long))
		ctx, cancel := context.WithCancel(ctxOf(t))
		cancel()
		say(d.Ports.OpenPort(ctx, r))
		d.buy(provider.Key(fmt.Sprint("k", i)), d.find(1)...)
		px, err := d.c.AskPortOut(d.c.Book().Owned[i], "Elsewhere Tel", time.Hour)
		require.NoError(t, err)
		say(nil, d.PortOuts.AnswerPortOut(ctxOf(t), r.Key+"w", px, false, "Canary is no customer"))
	}
	for _, body := range []string{
		`{"Request":{"Key":"p9","Lines":[{"Number":"12","PIN":"CANARY-PIN"}]}}`, `{"Request":{"Account":"CANARY"`, `{"Request":{"Account":"CANARY","Lines":7}}`,
	} {
		w := httptest.NewRecorder()
		d.c.Handler().ServeHTTP(w, httptest.NewRequest("POST", pathOf(provider.OpOpenPort), strings.NewReader(body)))
		require.Equal(t, 400, w.Code)
		say(w.Body.String(), nil)
	}
	ms, _ := d.c.Messages(0)
	say(ms, nil)
	for _, m := range ms {
		say(string(m.Body), nil)
	}
	say(d.c.Book(), nil)
	say(d.c.cfg, nil)
	file, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NotEmpty(t, file)
	secrets = append(secrets, "Canary", "canary", "CANARY", "MARKHAM", "signed by")
	for _, s := range secrets {
		require.NotContains(t, string(file), s, "in the ledger")
		require.NotContains(t, out.String(), s, "in answers, errors and logs")
	}
}
