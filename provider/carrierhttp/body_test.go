package carrierhttp_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
	"github.com/numberdesk/numberdesk/secret"
)

func text(t *testing.T, b carrierhttp.Body) string {
	t.Helper()
	require.NoError(t, b.Err)
	r, err := b.Open()
	require.NoError(t, err)
	data, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	if b.Size > 0 {
		require.Len(t, data, int(b.Size))
	}
	return string(data)
}

func TestBodies(t *testing.T) {
	t.Parallel()
	b := carrierhttp.JSON(map[string]string{"name": "A&B <x>"})
	require.Equal(t, "application/json", b.Type)
	require.Equal(t, `{"name":"A&B <x>"}`, text(t, b))
	require.Equal(t, `{"name":"A&B <x>"}`, text(t, b), "once more")
	b = carrierhttp.XML(struct {
		XMLName xml.Name `xml:"Order"`
		Name    string
	}{Name: "A&B"})
	require.Equal(t, "application/xml", b.Type)
	require.Equal(t, xml.Header+"<Order><Name>A&amp;B</Name></Order>", text(t, b))
	b = carrierhttp.Form(url.Values{"b": {"2"}, "a": {"1 +", "x"}})
	require.Equal(t, "application/x-www-form-urlencoded", b.Type)
	require.Equal(t, "a=1+%2B&a=x&b=2", text(t, b))
}

// A secret encodes as its mark. A carrier would be told that the PIN is "[redacted]".
func TestARedactedSecretIsNotSent(t *testing.T) {
	t.Parallel()
	pin := secret.New("1234")
	for _, b := range []carrierhttp.Body{
		carrierhttp.JSON(map[string]any{"pin": pin}),
		carrierhttp.XML(struct {
			XMLName xml.Name `xml:"Port"`
			Pin     secret.String
		}{Pin: pin}),
		carrierhttp.Form(url.Values{"pin": {pin.String()}}),
		carrierhttp.Multipart(carrierhttp.Part{Name: "pin", Value: pin.String()}),
	} {
		require.ErrorIs(t, b.Err, carrierhttp.ErrRedacted)
	}
	client := newClient(t, carrierhttp.Config{Transport: roundTrip(func(*http.Request) (*http.Response, error) { panic("sent") })})
	_, err := client.Do(t.Context(), carrierhttp.Call{Header: http.Header{"Pin": {pin.String()}}})
	failed(t, err, provider.Invalid, provider.NotApplied)
}

func TestABodyThatCannotBeMadeIsNotSent(t *testing.T) {
	t.Parallel()
	client := newClient(t, carrierhttp.Config{Transport: roundTrip(func(*http.Request) (*http.Response, error) { panic("sent") })})
	for _, b := range []carrierhttp.Body{
		{Err: errors.New("x")},
		carrierhttp.JSON(func() {}),
		carrierhttp.XML(func() {}),
		carrierhttp.Multipart(carrierhttp.Part{Value: "without name"}),
		carrierhttp.Multipart(carrierhttp.Part{Name: "a\r\nX: y"}),
		carrierhttp.Multipart(carrierhttp.Part{Name: "a", FileName: "b\nc", Open: open("x")}),
		{Open: func() (io.ReadCloser, error) { return nil, errors.New("x") }},
		carrierhttp.Multipart(carrierhttp.Part{Name: "a", Open: open("x")}, carrierhttp.Part{Name: "b", Open: func() (io.ReadCloser, error) { return nil, errors.New("x") }}),
	} {
		call := placing()
		call.Body = b
		_, err := client.Do(t.Context(), call)
		failed(t, err, provider.Invalid, provider.NotApplied)
	}
}

func TestNoFileStaysOpenWhenAnotherCannotBeOpened(t *testing.T) {
	t.Parallel()
	var opened atomic.Int64
	b := carrierhttp.Multipart(
		carrierhttp.Part{Name: "a", Open: func() (io.ReadCloser, error) { opened.Add(1); return tracked{strings.NewReader("x"), &opened}, nil }},
		carrierhttp.Part{Name: "b", Open: func() (io.ReadCloser, error) { return nil, errors.New("x") }})
	_, err := b.Open()
	require.Error(t, err)
	require.Zero(t, opened.Load())
}

func open(s string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s)), nil }
}

// tracked counts what is open of a file, and how much of it was read.
type tracked struct {
	io.Reader
	open *atomic.Int64
}

func (f tracked) Close() error { f.open.Add(-1); return nil }

func TestMultipartIsStreamed(t *testing.T) {
	t.Parallel()
	for _, known := range []bool{true, false} {
		const size = 3 << 20
		var opened, times atomic.Int64
		file := func() (io.ReadCloser, error) {
			opened.Add(1)
			times.Add(1)
			return tracked{io.LimitReader(zeros{}, size), &opened}, nil
		}
		part := carrierhttp.Part{Name: "document", FileName: `loa".pdf`, Type: "application/pdf", Open: file}
		if known {
			part.Size = size
		}
		body := carrierhttp.Multipart(carrierhttp.Part{Name: "kind", Value: "loa"}, part, carrierhttp.Part{Name: "empty"})
		require.NoError(t, body.Err)
		require.Equal(t, known, body.Size > size)
		srv, client := serve(t, carrierhttp.Config{}, nil)
		srv.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if times.Load() == 1 {
				_, _ = io.CopyN(io.Discard, r.Body, 1<<20)
				panic(http.ErrAbortHandler)
			}
			require.Equal(t, known, r.ContentLength > 0)
			kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
			require.NoError(t, err)
			require.Equal(t, "multipart/form-data", kind)
			form, err := multipart.NewReader(r.Body, params["boundary"]).ReadForm(8 << 20)
			require.NoError(t, err)
			require.Equal(t, map[string][]string{"kind": {"loa"}, "empty": {""}}, form.Value)
			require.Equal(t, int64(size), form.File["document"][0].Size)
			require.Equal(t, `loa".pdf`, form.File["document"][0].Filename)
			require.Equal(t, "application/pdf", form.File["document"][0].Header.Get("Content-Type"))
		})
		_, err := client.Do(t.Context(), carrierhttp.Call{Intent: carrierhttp.Read, Method: http.MethodPost, Path: "/documents", Body: body})
		require.NoError(t, err)
		require.Equal(t, int64(2), times.Load(), "opened for each attempt")
		require.Eventually(t, func() bool { return opened.Load() == 0 }, 5e9, 1e5, "left open")
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// What the request says of its length is not what the file has. net/http notices
// when it gets there: by then a large one was begun, and nobody can tell.
func TestAFileOfAnotherSizeThanItSaid(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		has, says int
		want      provider.Outcome
	}{{100, 3, provider.NotApplied}, {100, 300, provider.NotApplied}, {100_000, 99_000, provider.OutcomeUnknown}, {100_000, 101_000, provider.OutcomeUnknown}} {
		srv, client := serve(t, carrierhttp.Config{}, func(http.ResponseWriter, *http.Request) {})
		call := placing()
		call.Body = carrierhttp.Body{Type: "text/plain", Size: int64(c.says), Open: open(strings.Repeat("x", c.has))}
		_, err := client.Do(context.Background(), call)
		failed(t, err, provider.Unavailable, c.want)
		if c.want == provider.NotApplied {
			require.Zero(t, srv.orders.Load())
		}
	}
}

func TestABodyOfNothing(t *testing.T) {
	t.Parallel()
	var length int64
	var kind string
	_, client := serve(t, carrierhttp.Config{}, func(_ http.ResponseWriter, r *http.Request) {
		length, kind = r.ContentLength, r.Header.Get("Content-Type")
	})
	call := placing()
	call.Body = carrierhttp.Bytes("text/plain", bytes.NewBuffer(nil).Bytes())
	_, err := client.Do(t.Context(), call)
	require.NoError(t, err)
	require.Zero(t, length)
	require.Equal(t, "text/plain", kind)
}
