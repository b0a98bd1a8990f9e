package carrierhttp_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
	"github.com/numberdesk/numberdesk/secret"
)

// issuer is a carrier with a token endpoint.
type issuer struct {
	fetched, orders, refused atomic.Int64
	life                     string                                        // expires_in, as it stands in the JSON
	grant                    func(n int64, r *http.Request) *http.Response // instead of a token
	accept                   func(token string) bool
}

const tokenURL = "https://auth.acme.example/token?tenant=1"

func (i *issuer) RoundTrip(r *http.Request) (*http.Response, error) {
	body := ""
	if r.Body != nil {
		b, _ := io.ReadAll(r.Body)
		body = string(b)
		_ = r.Body.Close()
	}
	if r.URL.String() == tokenURL {
		n := i.fetched.Add(1)
		if i.grant != nil {
			if res := i.grant(n, r); res != nil {
				return res, nil
			}
		}
		user, password, _ := r.BasicAuth()
		if user != "id%3A1" || password != "s%2Bcret" || body != "grant_type=client_credentials&scope=a+b" || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
			return respond(r, 400, `{"error":"invalid_client"}`), nil
		}
		return respond(r, 200, fmt.Sprintf(`{"access_token":"token-%d","token_type":"Bearer","expires_in":%s}`, n, i.life)), nil
	}
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !strings.HasPrefix(token, "token-") || i.accept != nil && !i.accept(token) {
		i.refused.Add(1)
		return respond(r, 401, `{"token":"`+token+`"}`), nil
	}
	i.orders.Add(1)
	return respond(r, 200, "{}"), nil
}

func (i *issuer) client(t *testing.T) *carrierhttp.Client {
	if i.life == "" {
		i.life = "3600"
	}
	return newClient(t, carrierhttp.Config{Transport: i, Auth: carrierhttp.ClientCredentials(carrierhttp.Credentials{
		TokenURL: tokenURL, ID: "id:1", Secret: secret.New("s+cret"), Scopes: []string{"a", "b"},
	})})
}

func TestOneTokenForMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{grant: func(int64, *http.Request) *http.Response { time.Sleep(time.Second); return nil }}
		client := i.client(t)
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				_, err := client.Do(t.Context(), placing())
				require.NoError(t, err)
			})
		}
		wg.Wait()
		require.Equal(t, int64(1), i.fetched.Load())
		require.Equal(t, int64(50), i.orders.Load())

		time.Sleep(59 * time.Minute)
		_, err := client.Do(t.Context(), placing())
		require.NoError(t, err)
		require.Equal(t, int64(2), i.fetched.Load(), "renewed a minute before it expires")
		time.Sleep(58 * time.Minute)
		_, err = client.Do(t.Context(), placing())
		require.NoError(t, err)
		require.Equal(t, int64(2), i.fetched.Load(), "and not earlier")
	})
}

func TestLifetimes(t *testing.T) {
	for life, lasts := range map[string]time.Duration{
		`"3600"`: 59 * time.Minute, `60`: 30 * time.Second, `10.5`: 5250 * time.Millisecond, `null`: 1000 * time.Hour, `0`: 1000 * time.Hour, `-5`: 1000 * time.Hour,
		`1e300`: 1000 * time.Hour, `"soon"`: 1000 * time.Hour,
	} {
		synctest.Test(t, func(t *testing.T) {
			i := &issuer{life: life}
			client := i.client(t)
			for range 2 {
				_, err := client.Do(t.Context(), placing())
				require.NoError(t, err)
				time.Sleep(lasts - time.Millisecond)
			}
			require.LessOrEqual(t, i.fetched.Load(), int64(2), life)
			_, err := client.Do(t.Context(), placing())
			require.NoError(t, err)
			if lasts < 1000*time.Hour {
				require.Equal(t, int64(2), i.fetched.Load(), life)
			} else {
				require.Equal(t, int64(1), i.fetched.Load(), life)
			}
		})
	}
}

// The end of the one who fetches is not that of those who wait.
func TestAWaitingCallersEndIsItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{grant: func(_ int64, r *http.Request) *http.Response {
			select {
			case <-r.Context().Done():
				return respond(r, 500, "")
			case <-time.After(10 * time.Second):
				return nil
			}
		}}
		client := i.client(t)
		var wg sync.WaitGroup
		call := func(patience time.Duration, want error) {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				start := time.Now()
				_, err := client.Do(ctx, placing())
				if want == nil {
					require.NoError(t, err)
					return
				}
				failed(t, err, provider.Unavailable, provider.NotApplied)
				require.ErrorIs(t, err, want)
				require.Equal(t, patience, time.Since(start))
			})
			synctest.Wait()
		}
		call(3*time.Second, context.DeadlineExceeded) // fetches
		call(time.Minute, nil)                        // waits, fetches after it
		call(time.Second, context.DeadlineExceeded)   // waits
		call(time.Minute, nil)
		wg.Wait()
		require.Equal(t, int64(2), i.fetched.Load())
		require.Equal(t, int64(2), i.orders.Load())
	})
}

func TestA401SendsACreateOnceMoreWithANewToken(t *testing.T) {
	t.Parallel()
	i := &issuer{accept: func(token string) bool { return token != "token-1" }}
	client := i.client(t)
	var opened int
	call := placing()
	call.Body = carrierhttp.Body{Size: 1, Open: func() (io.ReadCloser, error) { opened++; return io.NopCloser(strings.NewReader("x")), nil }}
	_, err := client.Do(t.Context(), call)
	require.NoError(t, err)
	require.Equal(t, []int64{2, 1, 1}, []int64{i.fetched.Load(), i.refused.Load(), i.orders.Load()})
	require.Equal(t, 2, opened)

	i.accept = func(string) bool { return false }
	for _, intent := range []carrierhttp.Intent{carrierhttp.Create, carrierhttp.Read} {
		i.refused.Store(0)
		call.Intent = intent
		_, err = client.Do(t.Context(), call)
		failed(t, err, provider.Unauthorized, provider.NotApplied)
		require.Equal(t, int64(2), i.refused.Load(), "once more, and no oftener")
	}
}

// Many calls are refused because of one old token: it is renewed once.
func TestOneRenewalForMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var old atomic.Bool
		i := &issuer{accept: func(token string) bool { time.Sleep(time.Second); return token != "token-1" || !old.Load() }}
		client := i.client(t)
		_, err := client.Do(t.Context(), placing())
		require.NoError(t, err)
		old.Store(true)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				_, err := client.Do(t.Context(), placing())
				require.NoError(t, err)
			})
		}
		wg.Wait()
		require.Equal(t, []int64{2, 20, 21}, []int64{i.fetched.Load(), i.refused.Load(), i.orders.Load()})
	})
}

func TestATokenThatCannotBeHadIsNotApplied(t *testing.T) {
	for name, c := range map[string]struct {
		code    int
		body    string
		kind    provider.Kind
		fetches int64
	}{
		"invalid client":  {400, `{"error":"invalid_client"}`, provider.Unauthorized, 1},
		"not authorised":  {401, ``, provider.Unauthorized, 1},
		"forbidden":       {403, ``, provider.Unauthorized, 1},
		"not there":       {404, ``, provider.Unavailable, 4},
		"redirect":        {302, ``, provider.Unavailable, 4},
		"limited":         {429, ``, provider.RateLimited, 4},
		"down":            {503, ``, provider.Unavailable, 4},
		"no token":        {200, `{}`, provider.Unavailable, 1},
		"no json":         {200, `<html>`, provider.Unavailable, 1},
		"another type":    {200, `{"access_token":"t","token_type":"mac"}`, provider.Unavailable, 1},
		"a bad character": {200, `{"access_token":"t\nX: y","token_type":"bearer"}`, provider.Unavailable, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			i := &issuer{grant: func(_ int64, r *http.Request) *http.Response { return respond(r, c.code, c.body) }}
			client := i.client(t)
			_, err := client.Do(t.Context(), placing())
			e := failed(t, err, c.kind, provider.NotApplied)
			require.Equal(t, provider.OpPlace, e.Op, name)
			require.Equal(t, c.fetches, i.fetched.Load(), name)
			require.Zero(t, i.orders.Load()+i.refused.Load(), name)
			i.grant = nil
			_, err = client.Do(t.Context(), placing())
			require.NoError(t, err, "%s: it passes", name)
		})
	}
}

// Those who waited for a token that was refused do not ask one after the other.
func TestOneRefusalForMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{grant: func(_ int64, r *http.Request) *http.Response { time.Sleep(time.Second); return respond(r, 401, "") }}
		client := i.client(t)
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				_, err := client.Do(t.Context(), placing())
				failed(t, err, provider.Unauthorized, provider.NotApplied)
			})
		}
		wg.Wait()
		require.Equal(t, int64(1), i.fetched.Load())
	})
}

// Calls that wait for a token do not leave together afterwards.
func TestWaitingForATokenDoesNotBreakTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{life: "30", grant: func(int64, *http.Request) *http.Response { time.Sleep(5 * time.Second); return nil }}
		d := &departures{start: time.Now()}
		d.answer = func(_ int, r *http.Request) (*http.Response, error) { return i.RoundTrip(r) }
		client := newClient(t, carrierhttp.Config{
			Transport: roundTripper{tokens: i, calls: d}, Rates: limited(provider.ClassCreate, 10, 1),
			Auth: carrierhttp.ClientCredentials(carrierhttp.Credentials{TokenURL: tokenURL, ID: "id:1", Secret: secret.New("s+cret"), Scopes: []string{"a", "b"}}),
		})
		var wg sync.WaitGroup
		for range 1000 {
			wg.Go(func() {
				_, err := client.Do(t.Context(), placing())
				require.NoError(t, err)
			})
		}
		wg.Wait()
		require.Len(t, d.at, 1000)
		require.LessOrEqual(t, d.most(10*time.Second), 103)
		require.LessOrEqual(t, d.most(time.Second), 12)
	})
}

type roundTripper struct{ tokens, calls http.RoundTripper }

func (r roundTripper) RoundTrip(q *http.Request) (*http.Response, error) {
	if q.URL.String() == tokenURL {
		return r.tokens.RoundTrip(q)
	}
	return r.calls.RoundTrip(q)
}

func TestATokenNeverShows(t *testing.T) {
	t.Parallel()
	const token = "tweety4711-token"
	pair := base64.StdEncoding.EncodeToString([]byte("id:s"))
	echo := ""
	client := newClient(t, carrierhttp.Config{
		RequestID: []string{"X-Request-Id"},
		Classify:  func(r carrierhttp.Response, e *provider.Error) { e.Code = "is:" + string(r.Body) },
		Auth:      carrierhttp.ClientCredentials(carrierhttp.Credentials{TokenURL: tokenURL, ID: "id", Secret: secret.New("sylvester")}),
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.URL.String() == tokenURL && echo != pair {
				return respond(r, 200, `{"access_token":"`+token+`"}`), nil
			}
			res := respond(r, 401, echo)
			res.Header.Set("X-Request-Id", echo)
			return res, nil
		}),
	})
	for _, echo = range []string{token, "sylvester", pair} {
		for range 2 {
			_, err := client.Do(t.Context(), placing())
			failed(t, err, provider.Unauthorized, provider.NotApplied)
			shown := rendered(t, err) + fmt.Sprintf("%+v", client)
			require.NotContains(t, shown, token)
			require.NotContains(t, shown, "sylvester")
			require.NotContains(t, shown, base64.StdEncoding.EncodeToString([]byte("id:sylvester")))
			if echo != pair {
				require.Contains(t, err.Error(), secret.Redacted)
			}
		}
	}
}

// A token that was replaced meanwhile may still be echoed to the call that had it.
func TestAReplacedTokenNeverShows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{accept: func(token string) bool { return token != "token-1" }}
		client := newClient(t, carrierhttp.Config{
			Classify: func(r carrierhttp.Response, e *provider.Error) { e.Code = string(r.Body) },
			Auth:     carrierhttp.ClientCredentials(carrierhttp.Credentials{TokenURL: tokenURL, ID: "id:1", Secret: secret.New("s+cret"), Scopes: []string{"a", "b"}}),
			Transport: roundTripper{tokens: i, calls: roundTrip(func(r *http.Request) (*http.Response, error) {
				if r.URL.Path == "/v1/slow" {
					time.Sleep(time.Minute)
					return respond(r, 422, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")), nil
				}
				return i.RoundTrip(r)
			})},
		})
		i.life = "3600"
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := client.Do(t.Context(), carrierhttp.Call{Path: "/slow"})
			require.Equal(t, secret.Redacted, failed(t, err, provider.Invalid, provider.NotApplied).Code)
		})
		synctest.Wait()
		_, err := client.Do(t.Context(), placing())
		require.NoError(t, err)
		require.Equal(t, int64(2), i.fetched.Load())
		wg.Wait()
	})
}

// Over real connections: the token endpoint is reached by the client's transport.
func TestClientCredentialsOverTheWire(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("/token", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"access_token":"t1","expires_in":60}`)
	})
	mux.HandleFunc("/x", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `"`+r.Header.Get("Authorization")+`"`)
	})
	srv := httptest.NewServer(mux)
	defer srv.Close()
	client := newClient(t, carrierhttp.Config{Base: srv.URL, Auth: carrierhttp.ClientCredentials(carrierhttp.Credentials{TokenURL: srv.URL + "/token", ID: "id", Secret: secret.New("s")})})
	defer func() { _ = client.Close() }()
	res, err := client.Do(t.Context(), reading())
	require.NoError(t, err)
	require.Equal(t, `"Bearer t1"`, string(res.Body))
}
