package telnyx_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/telnyx"
	"github.com/numberdesk/numberdesk/secret"
)

// Every documented code has its kind, and proves that nothing was applied where it
// can: only of 10007 and 10036 that is not known.
func TestErrorCodes(t *testing.T) {
	for code, want := range map[string]provider.Kind{
		"10002": provider.Invalid, "10004": provider.Invalid, "10005": provider.NotFound, "10007": provider.Internal, "10009": provider.Unauthorized,
		"10010": provider.Forbidden, "10011": provider.RateLimited, "10012": provider.Exists, "10015": provider.Invalid, "10016": provider.Invalid,
		"10021": provider.Conflict, "10027": provider.Invalid, "10031": provider.Invalid, "10032": provider.Invalid, "10035": provider.Conflict,
		"10036": provider.Conflict, "10038": provider.Capacity, "10039": provider.Capacity, "20012": provider.Forbidden, "20013": provider.Forbidden,
		"20014": provider.Forbidden, "20016": provider.Forbidden, "20017": provider.Forbidden, "20100": provider.Funds, "20200": provider.Invalid,
		"20201": provider.Invalid, "20202": provider.Invalid, "20203": provider.Invalid, "20204": provider.Invalid, "20205": provider.Invalid,
		"20206": provider.Invalid, "20207": provider.Invalid, "20208": provider.Invalid, "20209": provider.Invalid, "80000": provider.Precondition,
		"80003": provider.Conflict, "80004": provider.Invalid, "80005": provider.Invalid, "80007": provider.Precondition, "80008": provider.Precondition,
		"80009": provider.Precondition, "80010": provider.Precondition, "80014": provider.Invalid, "80015": provider.Precondition, "80018": provider.Invalid,
		"80024": provider.Precondition, "80200": provider.Invalid, "80401": provider.Capacity, "85000": provider.Precondition, "85001": provider.NumberTaken,
		"85002": provider.Invalid, "85006": provider.NumberTaken, "85007": provider.Capacity,
	} {
		for _, form := range []string{errorBody(code, "/phone_numbers/0"), `{"errors":[{"code":` + code + `,"title":"x"}]}`} {
			m := mock(t)
			m.on("POST", "/number_orders", 422, form)
			_, err := m.Place(context.Background(), order1("K1"))
			var e *provider.Error
			require.ErrorAs(t, err, &e, code)
			require.ErrorIs(t, err, want, code)
			outcome := provider.NotApplied
			if code == "10007" || code == "10036" {
				outcome = provider.OutcomeUnknown
			}
			require.Equal(t, outcome, e.Outcome, code)
			require.Equal(t, code, e.Code)
			require.Equal(t, provider.OpPlace, e.Op)
			require.Equal(t, "rq-1", e.Request)
			require.Equal(t, one, e.Number)
			require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), "SECRET", "nothing of the body")
			require.Equal(t, 1, m.calls("POST "+base+"/number_orders"), "sent once")
		}
	}
}

// Without a code that is known the status decides, and a 5xx proves nothing, whatever
// stands in its body.
func TestErrorsByStatus(t *testing.T) {
	for _, c := range []struct {
		status  int
		body    string
		kind    provider.Kind
		outcome provider.Outcome
	}{
		{401, ``, provider.Unauthorized, provider.NotApplied},
		{422, ``, provider.Invalid, provider.NotApplied},
		{422, `{"errors":[{"code":"99999"}]}`, provider.Invalid, provider.NotApplied},
		{422, `<html>`, provider.Invalid, provider.NotApplied},
		{500, errorBody("85001", ""), provider.NumberTaken, provider.OutcomeUnknown},
		{502, ``, provider.Unavailable, provider.OutcomeUnknown},
		{504, ``, provider.Unavailable, provider.OutcomeUnknown},
		{429, errorBody("10011", ""), provider.RateLimited, provider.NotApplied},
	} {
		m := mock(t)
		m.on("POST", "/number_orders", c.status, c.body)
		_, err := m.Place(context.Background(), order1("K1"))
		require.ErrorIs(t, err, c.kind, "%d %s", c.status, c.body)
		require.Equal(t, c.outcome, provider.OutcomeOf(err), "%d %s", c.status, c.body)
		require.Equal(t, 1, m.calls("POST "+base+"/number_orders"), "sent once")
	}
}

// A pointer says which number, and which part; one that is not known is not repeated.
func TestErrorFields(t *testing.T) {
	m := mock(t)
	m.on("POST", "/number_orders", 422, errorBody("85001", "/phone_numbers/1/phone_number"))
	_, err := m.Place(context.Background(), provider.OrderRequest{Key: "K1", Partial: true, Lines: []provider.OrderLine{{Number: one}, {Number: two}}})
	var e *provider.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, two, e.Number)
	require.Equal(t, "phone_number", e.Fields[0].Field)

	for _, pointer := range []string{"/SECRET/x", "SECRET", "/phone_numbers/7", "/phone_numbers/-1", "/phone_numbers/x"} {
		m.on("POST", "/number_orders", 422, errorBody("85001", pointer))
		_, err = m.Place(context.Background(), provider.OrderRequest{Key: "K1", Partial: true, Lines: []provider.OrderLine{{Number: one}, {Number: two}}})
		require.NotContains(t, err.Error(), "SECRET")
		require.ErrorAs(t, err, &e)
		require.False(t, e.Number.Valid(), pointer)
	}
}

// A lost answer leaves the outcome unknown and is not sent again; one that cannot be
// read was a success all the same.
func TestLostAndBrokenAnswers(t *testing.T) {
	m := mock(t)
	m.RegisterResponder("POST", base+"/number_orders", func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF })
	_, err := m.Place(context.Background(), order1("K1"))
	require.Equal(t, provider.OutcomeUnknown, provider.OutcomeOf(err))
	require.Equal(t, 1, m.calls("POST "+base+"/number_orders"))

	for _, body := range []string{``, `{`, `[]`, `{}`, `{"data":{}}`, `{"data":null}`, `null`} {
		m = mock(t)
		m.on("POST", "/number_orders", 200, body)
		_, err = m.Place(context.Background(), order1("K1"))
		require.ErrorIs(t, err, provider.Internal, body)
		require.Equal(t, provider.Applied, provider.OutcomeOf(err), body)
	}
}

func TestConfig(t *testing.T) {
	for want, c := range map[string]telnyx.Config{
		"Config.Key":            {},
		"Config.WebhookKeys[1]": {Key: secret.New("k"), WebhookKeys: []string{"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "x"}},
		"Config.WebhookKeys[0]": {Key: secret.New("k"), WebhookKeys: []string{"AAAA"}},
		"Config.Horizon":        {Key: secret.New("k"), Horizon: -1},
		"carrier ID":            {Key: secret.New("k"), ID: "NOT VALID"},
	} {
		_, err := telnyx.New(c)
		require.ErrorContains(t, err, want)
	}
	c, err := telnyx.New(telnyx.Config{Key: secret.New("k")})
	require.NoError(t, err)
	require.Equal(t, provider.ID("telnyx"), c.ID())
	caps := c.Capabilities()
	require.Nil(t, caps.Hooks, "no key, no webhooks")
	require.NotEmpty(t, caps.Traits.Why[provider.CapHooks].Reason)
	_, err = provider.NewSet(c)
	require.NoError(t, err)
	require.NoError(t, c.Close())
}

// What cannot be meant is refused here, and nothing is sent.
func TestRefusedBeforeItIsSent(t *testing.T) {
	ctx := context.Background()
	m := mock(t) // answers nothing
	long := make([]provider.OrderLine, 51)
	for i := range long {
		long[i].Number = one + nanp.Number(i)
	}
	for what, err := range map[string]error{
		"options of a search":   second(m.Search(ctx, provider.SearchRequest{Options: provider.Options{"colour": "red"}})),
		"a feature":             second(m.Search(ctx, provider.SearchRequest{Options: provider.Options{telnyx.OptFeatures: "voice,smell"}})),
		"a flag":                second(m.Search(ctx, provider.SearchRequest{Options: provider.Options{telnyx.OptQuickship: "yes"}})),
		"a type":                second(m.Search(ctx, provider.SearchRequest{Options: provider.Options{telnyx.OptNumberType: "toll_free"}})),
		"a country":             second(m.Search(ctx, provider.SearchRequest{Options: provider.Options{telnyx.OptCountry: "DE"}})),
		"a cursor":              second(m.Search(ctx, provider.SearchRequest{Page: provider.Page{Cursor: "2"}})),
		"a cursor of certain":   second(m.Search(ctx, provider.SearchRequest{Exact: []nanp.Number{one}, Page: provider.Page{Cursor: "1"}})),
		"a list's cursor":       second(m.ListOwned(ctx, provider.Page{Cursor: "1.0.0"})),
		"too many lines":        second(m.Place(ctx, provider.OrderRequest{Key: "K", Lines: long})),
		"options of an order":   second(m.Place(ctx, provider.OrderRequest{Key: "K", Lines: long[:1], Options: provider.Options{"SiteId": "1"}})),
		"no numbers":            second(m.Hold(ctx, "K", nil)),
		"a number twice":        second(m.Hold(ctx, "K", []nanp.Number{one, one})),
		"no key":                second(m.Return(ctx, provider.ReturnRequest{Numbers: []nanp.Number{one}})),
		"a long name":           second(m.SetName(ctx, provider.NameRequest{Key: "K", Numbers: []nanp.Number{one}, Name: "SIXTEEN LETTERS!"})),
		"a name with an accent": second(m.SetName(ctx, provider.NameRequest{Key: "K", Numbers: []nanp.Number{one}, Name: "CAFÉ"})),
		"no caller":             second(m.Register(ctx, provider.RegisterRequest{Key: "K", Numbers: []nanp.Number{one}, Address: tower})),
		"no house number":       second(m.SetEndpoint(ctx, provider.EndpointRequest{Key: "K", Callback: one, CallerName: "X"})),
		"no zone":               second(m.OpenPort(ctx, provider.PortRequest{Key: "K", Lines: []provider.PortLine{{Number: one}}, Zone: "Mars/Olympus"})),
		"two PINs": second(m.OpenPort(ctx, provider.PortRequest{Key: "K", Lines: []provider.PortLine{
			{Number: one, PIN: secret.New("1111")}, {Number: two, PIN: secret.New("2222")}}})),
		"no reason":     m.AnswerPortOut(ctx, "K", "r", false, ""),
		"no reference":  second(m.SubmitPort(ctx, "K", "")),
		"no comment":    second(m.AddPortComment(ctx, "K", "r", secret.String{})),
		"kind of paper": second(m.UploadDocument(ctx, "K", provider.Document{Kind: "poem", MediaType: "application/pdf", Size: 1})),
	} {
		var e *provider.Error
		require.ErrorAs(t, err, &e, what)
		require.Equal(t, provider.Invalid, e.Kind, what)
		require.Equal(t, provider.NotApplied, e.Outcome, what)
		require.NotContains(t, err.Error(), "1111")
	}
	require.Zero(t, m.GetTotalCallCount())
}

func second[T any](_ T, err error) error {
	if err == nil {
		return errors.New("no error")
	}
	return err
}
