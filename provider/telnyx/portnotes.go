package telnyx

import (
	"context"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
	"github.com/numberdesk/numberdesk/secret"
)

type wireComment struct {
	ID   string    `json:"id"`
	Body string    `json:"body"`
	By   string    `json:"user_type"`
	At   time.Time `json:"created_at"`
}

func (w wireComment) comment(res carrierhttp.Response) provider.PortComment {
	return provider.PortComment{Ref: provider.Ref(w.ID), Ours: w.By == "user", Text: secret.New(w.Body), At: w.At, Said: res.Said(provider.Raw(w.By))}
}

// ListPortComments lists the messages about an order.
func (c *Carrier) ListPortComments(ctx context.Context, r provider.Ref, p provider.Page) (provider.Result[provider.PortComment], error) {
	var out provider.Result[provider.PortComment]
	if err := c.ref(provider.OpListPortComments, r); err != nil {
		return out, err
	}
	list, next, res, err := pages[wireComment](ctx, c, provider.OpListPortComments, portPath(r, "comments"), nil, p)
	if err != nil {
		return out, err
	}
	for _, w := range list {
		out.Items = append(out.Items, w.comment(res))
	}
	out.Next = next
	return out, nil
}

// AddPortComment writes to the carrier's porting desk. A comment carries no reference
// of ours: whether a lost one arrived is seen in the list.
func (c *Carrier) AddPortComment(ctx context.Context, k provider.Key, r provider.Ref, text secret.String) (provider.PortComment, error) {
	if err := c.key(provider.OpAddPortComment, k); err != nil {
		return provider.PortComment{}, err
	}
	if err := c.ref(provider.OpAddPortComment, r); err != nil {
		return provider.PortComment{}, err
	}
	if text.IsZero() {
		return provider.PortComment{}, c.refuse(provider.OpAddPortComment, bad("text", "present", "is empty"))
	}
	w, res, err := send[wireComment](ctx, c, provider.OpAddPortComment, 0, "POST", portPath(r, "comments"), map[string]string{"body": text.Reveal()})
	if err != nil {
		return provider.PortComment{}, err
	}
	return w.comment(res), nil
}

// ListPortOuts lists the requests of other carriers, one entry for each number: the
// numbers of one request share its reference. AnswerBy is the date of the port: the
// carrier names no earlier one, and afterwards an answer is too late for certain.
func (c *Carrier) ListPortOuts(ctx context.Context, p provider.Page) (provider.Result[provider.PortOut], error) {
	type request struct {
		ID      string   `json:"id"`
		Numbers []string `json:"phone_numbers"`
		Carrier string   `json:"carrier_name"`
		Status  string   `json:"status"`
		FOC     string   `json:"foc_date"`
	}
	var out provider.Result[provider.PortOut]
	list, next, res, err := pages[request](ctx, c, provider.OpListPortOuts, "/portouts", nil, p)
	if err != nil {
		return out, err
	}
	for _, w := range list {
		by, _ := time.Parse(time.RFC3339, w.FOC)
		for _, text := range w.Numbers {
			if n, err := nanp.Parse(text); err == nil {
				out.Items = append(out.Items, provider.PortOut{Ref: provider.Ref(w.ID), Number: n, To: w.Carrier, Said: res.Said(provider.Raw(w.Status)), AnswerBy: by})
			}
		}
	}
	out.Next = next
	return out, nil
}

// AnswerPortOut authorises or rejects a request, with all its numbers. The carrier
// wants a reason for both.
func (c *Carrier) AnswerPortOut(ctx context.Context, k provider.Key, r provider.Ref, allow bool, reason string) error {
	op := provider.OpAnswerPortOut
	if err := c.key(op, k); err != nil {
		return err
	}
	if err := c.ref(op, r); err != nil {
		return err
	}
	verdict := "authorized"
	if !allow {
		verdict = "rejected-pending"
	}
	if reason == "" && !allow {
		return c.refuse(op, bad("reason", "present", "is empty"))
	}
	_, err := c.http.Do(ctx, carrierhttp.Call{Op: op, Method: "PATCH", Path: carrierhttp.Path("portouts", string(r), verdict),
		Body: carrierhttp.JSON(map[string]string{"reason": or(reason, "authorised by the customer")})})
	return err
}
