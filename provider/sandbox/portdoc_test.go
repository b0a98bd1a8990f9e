package sandbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

func TestDocuments(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		n := d.foreign(provider.LineLandline, 1)[0]
		up, err := d.PortDocs.UploadDocument(ctxOf(d.T), "d1", pdf("one"))
		require.NoError(d, err)
		require.Equal(d, d.clk.Now().Add(30*time.Minute), up.Until)
		again, err := d.PortDocs.UploadDocument(ctxOf(d.T), "d1", pdf("one"))
		require.NoError(d, err)
		require.Equal(d, up.Ref, again.Ref)
		_, err = d.PortDocs.UploadDocument(ctxOf(d.T), "d1", pdf("another"))
		fails(d, err, provider.Conflict, provider.NotApplied)

		// It vanishes, unless an order uses it.
		d.clk.add(30*time.Minute - time.Nanosecond)
		r := d.asking("p1", n)
		r.Documents = []provider.Ref{up.Ref}
		os, err := d.Ports.OpenPort(ctxOf(d.T), r)
		require.NoError(d, err)
		lost := d.loa("d2")
		d.clk.add(30 * time.Minute)
		v := d.asking("", n)
		v.Documents = []provider.Ref{lost}
		_, err = d.PortAmend.AmendPort(ctxOf(d.T), "a1", os[0].Ref, v)
		fails(d, err, provider.Invalid, provider.NotApplied)
		v.Documents = []provider.Ref{up.Ref}
		_, err = d.PortAmend.AmendPort(ctxOf(d.T), "a2", os[0].Ref, v)
		require.NoError(d, err, "one that is used stays")
	})
}

func TestEveryKindOfDocument(t *testing.T) {
	d := open(t, Config{})
	for i, c := range []struct{ head, mediaType string }{
		{"%PDF-1.4", "application/pdf"}, {"\x89PNG\r\n\x1a\n", "image/png"}, {"\xff\xd8\xff\xe0", "image/jpeg"}, {"II*\x00", "image/tiff"}, {"MM\x00*", "image/tiff"},
	} {
		b := []byte(c.head + "rest")
		_, err := d.PortDocs.UploadDocument(ctxOf(t), provider.Key(fmt.Sprint("d", i)), provider.Document{
			Kind: "csr", MediaType: c.mediaType, Size: int64(len(b)), SHA256: sha256.Sum256(b), Open: opened(b),
		})
		require.NoError(t, err, c.mediaType)
	}
}

func TestBadDocuments(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		for name, change := range map[string]func(*provider.Document){
			"kind":       func(x *provider.Document) { x.Kind = "LOA of Ada Canary" },
			"no kind":    func(x *provider.Document) { x.Kind = "" },
			"media type": func(x *provider.Document) { x.MediaType = "image/png" },
			"size":       func(x *provider.Document) { x.Size++ },
			"sum":        func(x *provider.Document) { x.SHA256[0]++ },
			"no content": func(x *provider.Document) { x.Open = nil },
			"empty":      func(x *provider.Document) { *x = documentOf(nil) },
			"text":       func(x *provider.Document) { *x = documentOf([]byte("hello, this is Ada Canary")) },
			"of no type": func(x *provider.Document) { *x = documentOf([]byte("hello")); x.MediaType = "" },
			"longer":     func(x *provider.Document) { x.Size-- },
			"too large":  func(x *provider.Document) { x.Size = maxDocument + 1 },
			"broken": func(x *provider.Document) {
				x.Open = func() (io.ReadCloser, error) { return nil, errors.New("no file /home/ada-canary") }
			},
			"torn": func(x *provider.Document) {
				x.Open = func() (io.ReadCloser, error) {
					return io.NopCloser(io.MultiReader(strings.NewReader("%PDF-"), broken{})), nil
				}
			},
		} {
			x := pdf("one")
			change(&x)
			_, err := d.PortDocs.UploadDocument(ctxOf(d.T), "d1", x)
			require.Len(d, fails(d, err, provider.Invalid, provider.NotApplied).Fields, 1, name)
			require.NotContains(d, strings.ToLower(err.Error()), "canary", name)
		}
		require.Empty(d, d.c.Book().Events)
	})
	// The largest is taken, over the network too.
	d := open(t, Config{}).dialled()
	_, err := d.PortDocs.UploadDocument(ctxOf(t), "d1", documentOf(append([]byte("%PDF-"), make([]byte, maxDocument-5)...)))
	require.NoError(t, err)
}

func documentOf(b []byte) provider.Document {
	return provider.Document{Kind: "loa", MediaType: "application/pdf", Size: int64(len(b)), SHA256: sha256.Sum256(b), Open: opened(bytes.Clone(b))}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the disk of Ada Canary is full") }

func TestCommentsAreAnswered(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		o := d.submitted("p1", d.foreign(provider.LineLandline, 1)...)
		list := func(want ...string) {
			d.Helper()
			var got []string
			for x, err := range provider.All(ctxOf(d.T), func(ctx context.Context, p provider.Page) (provider.Result[provider.PortComment], error) {
				p.Limit = 2
				return d.PortNotes.ListPortComments(ctx, o.Ref, p)
			}) {
				require.NoError(d, err)
				require.NotEmpty(d, x.Ref)
				require.False(d, x.At.After(d.clk.Now()))
				who := "they: "
				if x.Ours {
					who = "we: "
				}
				got = append(got, who+x.Text.Reveal())
			}
			require.Len(d, got, len(want))
			for i := range want {
				require.Contains(d, got[i], want[i])
			}
		}
		list()
		x, err := d.PortNotes.AddPortComment(ctxOf(d.T), "c1", o.Ref, secret.New("call Ada Canary"))
		require.NoError(d, err)
		require.True(d, x.Ours)
		require.Equal(d, "call Ada Canary", x.Text.Reveal())
		again, err := d.PortNotes.AddPortComment(ctxOf(d.T), "c1", o.Ref, secret.New("call Ada Canary"))
		require.NoError(d, err)
		require.Equal(d, x.Ref, again.Ref)
		_, err = d.PortNotes.AddPortComment(ctxOf(d.T), "c1", o.Ref, secret.New("call somebody else"))
		fails(d, err, provider.Conflict, provider.NotApplied)
		list("we: call Ada")
		d.clk.add(4 * time.Hour)
		list("we: call Ada", "they: ")
		_, err = d.PortNotes.AddPortComment(ctxOf(d.T), "c2", o.Ref, secret.New("thank you"))
		require.NoError(d, err)
		list("we: call Ada", "they: ", "we: thank you")
		_, err = d.PortNotes.AddPortComment(ctxOf(d.T), "c3", o.Ref, secret.New(strings.Repeat("x", maxComment+1)))
		fails(d, err, provider.Invalid, provider.NotApplied)
		page, err := d.PortNotes.ListPortComments(ctxOf(d.T), o.Ref, provider.Page{Limit: 1})
		require.NoError(d, err)
		other, err := d.Ports.OpenPort(ctxOf(d.T), d.asking("p2", d.foreign(provider.LineLandline, 1)...))
		require.NoError(d, err)
		_, err = d.PortNotes.ListPortComments(ctxOf(d.T), other[0].Ref, provider.Page{Cursor: page.Next})
		fails(d, err, provider.Invalid, provider.NotApplied)
	})
}
