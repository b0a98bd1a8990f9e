package telnyx

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
	"github.com/numberdesk/numberdesk/secret"
)

// Options of a port besides those of an order.
const (
	OptEmergencyAddress = "emergency_address_id"
	OptTaxID            = "tax_identifier"
	OptBusinessID       = "business_identifier"
	OptWebhook          = "webhook_url"
	OptMessaging        = "enable_messaging"         // true or false
	OptRemaining        = "remaining_numbers_action" // keep, which is the default, or disconnect, of a partial port
)

type wireFill struct {
	Misc      *fillMisc      `json:"misc,omitempty"`
	User      *fillUser      `json:"end_user,omitempty"`
	Documents *fillDocuments `json:"documents,omitempty"`
	Settings  *fillSettings  `json:"activation_settings,omitempty"`
	Placement *fillPlacement `json:"phone_number_configuration,omitempty"`
	Group     string         `json:"requirement_group_id,omitempty"`
	Webhook   string         `json:"webhook_url,omitempty"`
	Messaging *fillMessaging `json:"messaging,omitempty"`
}

type fillMisc struct {
	Type      string `json:"type"`
	Remaining string `json:"remaining_numbers_action,omitempty"`
	NewBTN    string `json:"new_billing_phone_number,omitempty"`
}

type fillUser struct {
	Admin    fillAdmin    `json:"admin"`
	Location *wireAddress `json:"location,omitempty"`
}

type fillAdmin struct {
	Entity     string `json:"entity_name,omitempty"`
	Authorized string `json:"auth_person_name,omitempty"`
	BTN        string `json:"billing_phone_number,omitempty"`
	Account    string `json:"account_number,omitempty"`
	PIN        string `json:"pin_passcode,omitempty"`
	TaxID      string `json:"tax_identifier,omitempty"`
	BusinessID string `json:"business_identifier,omitempty"`
}

type fillDocuments struct {
	LOA     string `json:"loa,omitempty"`
	Invoice string `json:"invoice,omitempty"`
}

type fillSettings struct {
	FOC time.Time `json:"foc_datetime_requested"`
}

type fillPlacement struct {
	Billing    string `json:"billing_group_id,omitempty"`
	Connection string `json:"connection_id,omitempty"`
	Messaging  string `json:"messaging_profile_id,omitempty"`
	Emergency  string `json:"emergency_address_id,omitempty"`
}

type fillMessaging struct {
	Enable bool `json:"enable_messaging"`
}

// form is a port request as it is written into each of its orders.
type form struct {
	body    wireFill
	desired provider.Date
	zone    *time.Location
}

// form refuses what can be seen to be wrong before anything is sent.
func (c *Carrier) form(op provider.Op, r provider.PortRequest) (form, error) {
	f := form{desired: r.Desired, zone: c.cfg.Zone}
	if err := portOptions(r.Options); err != nil {
		return f, c.refuse(op, err)
	}
	if r.Zone != "" {
		zone, err := time.LoadLocation(r.Zone)
		if err != nil {
			return f, c.refuse(op, bad("zone", "known", "is no zone of the IANA database"))
		}
		f.zone = zone
	}
	pin, err := onePIN(r.Lines)
	if err != nil {
		return f, c.refuse(op, err)
	}
	f.body = wireFill{
		Misc: &fillMisc{Type: "full"},
		User: &fillUser{Admin: fillAdmin{
			Entity: r.Name.Reveal(), Authorized: r.Authorized.Reveal(), Account: r.Account.Reveal(), PIN: pin.Reveal(),
			TaxID: r.Options[OptTaxID], BusinessID: r.Options[OptBusinessID],
		}},
		Group:   r.Options[OptRequirementGroup],
		Webhook: or(r.Options[OptWebhook], c.cfg.PortWebhook),
	}
	if r.BTN.Valid() {
		f.body.User.Admin.BTN = r.BTN.String()
	}
	if !r.Service.IsZero() {
		a := addressOf(r.Service)
		f.body.User.Location = &a
	}
	if r.Partial {
		f.body.Misc = &fillMisc{Type: "partial", Remaining: or(r.Options[OptRemaining], "keep")}
		if r.NewBTN.Valid() {
			f.body.Misc.NewBTN = r.NewBTN.String()
		}
	}
	if p := (fillPlacement{or(r.Options[OptBillingGroup], c.cfg.BillingGroup), or(r.Options[OptConnection], c.cfg.Connection),
		or(r.Options[OptMessagingProfile], c.cfg.MessagingProfile), r.Options[OptEmergencyAddress]}); p != (fillPlacement{}) {
		f.body.Placement = &p
	}
	if v := r.Options[OptMessaging]; v != "" {
		f.body.Messaging = &fillMessaging{v == "true"}
	}
	return f, nil
}

// portOptions refuses options that nobody knows, and values that would be taken for
// something else.
func portOptions(o provider.Options) error {
	if err := o.Only(OptConnection, OptMessagingProfile, OptBillingGroup, OptRequirementGroup, OptEmergencyAddress, OptTaxID,
		OptBusinessID, OptWebhook, OptMessaging, OptRemaining); err != nil {
		return err
	}
	if !slices.Contains([]string{"", "true", "false"}, o[OptMessaging]) {
		return bad(OptMessaging, "boolean", "is neither true nor false")
	}
	if !slices.Contains([]string{"", "keep", "disconnect"}, o[OptRemaining]) {
		return bad(OptRemaining, "known", "is neither keep nor disconnect")
	}
	return nil
}

// onePIN is the PIN of all lines: an order has one, and which numbers share an order
// the carrier decides.
func onePIN(lines []provider.PortLine) (secret.String, error) {
	var pin secret.String
	for _, l := range lines {
		switch {
		case l.PIN.IsZero():
		case pin.IsZero():
			pin = l.PIN
		case !pin.Equal(l.PIN):
			return pin, bad("PIN", "same", "differs between numbers, and an order of this carrier has one: port them by themselves")
		}
	}
	return pin, nil
}

// fill writes the form into an order, with a date from the carrier's windows. Without
// a window for the desired date the order has none, and says so in its Needs.
func (c *Carrier) fill(ctx context.Context, op provider.Op, id string, f form, docs map[string][]string) (wirePort, carrierhttp.Response, error) {
	body := f.body
	foc, ok, err := c.foc(ctx, op, id, f)
	if err != nil {
		return wirePort{}, carrierhttp.Response{}, err
	}
	if ok {
		body.Settings = &fillSettings{foc}
	}
	if d := (fillDocuments{last(docs["loa"]), last(docs["invoice"])}); d != (fillDocuments{}) {
		body.Documents = &d
	}
	w, res, err := send[wirePort](ctx, c, op, 0, "PATCH", portPath(provider.Ref(id)), body)
	if err != nil {
		return w, res, err
	}
	return w, res, unsure(c.attach(ctx, op, id, docs), true)
}

func last(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return ids[len(ids)-1]
}

type wireWindow struct {
	Start time.Time `json:"started_at"`
	End   time.Time `json:"ended_at"`
	// The guides call them so.
	StartTime time.Time `json:"start_time"`
	EndTime   time.Time `json:"end_time"`
}

// foc is the first instant of the desired date that the carrier allows.
func (c *Carrier) foc(ctx context.Context, op provider.Op, id string, f form) (time.Time, bool, error) {
	windows, _, err := list[wireWindow](ctx, c, carrierhttp.Call{Op: op, Path: portPath(provider.Ref(id), "allowed_foc_windows")})
	if err != nil {
		return time.Time{}, false, err
	}
	at, ok := choose(windows.Data, f.desired, f.zone)
	return at, ok, nil
}

// choose returns the earliest instant of a civil date that lies in a window; without a
// date the start of the first window.
func choose(windows []wireWindow, d provider.Date, zone *time.Location) (best time.Time, ok bool) {
	from := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
	to := time.Date(d.Year, d.Month, d.Day+1, 0, 0, 0, 0, zone)
	for _, w := range windows {
		start, end := w.Start, w.End
		if start.IsZero() {
			start, end = w.StartTime, w.EndTime
		}
		if start.IsZero() {
			continue
		}
		at := start
		if d != (provider.Date{}) {
			if at.Before(from) {
				at = from
			}
			if !at.Before(to) || !at.Before(end) {
				continue
			}
		}
		if !ok || at.Before(best) {
			best, ok = at.UTC(), true
		}
	}
	return best, ok
}

// AmendPort writes the request into a draft or a rejected order; which numbers it is
// about cannot change. Of what the request leaves out the order keeps what it has. It
// does not submit.
func (c *Carrier) AmendPort(ctx context.Context, k provider.Key, r provider.Ref, v provider.PortRequest) (provider.PortOrder, error) {
	op := provider.OpAmendPort
	f, err := c.form(op, v)
	if err != nil {
		return provider.PortOrder{}, err
	}
	w, _, err := c.port(ctx, op, k, r)
	if err != nil {
		return provider.PortOrder{}, err
	}
	if s := portWords[w.Status.Value]; s != provider.PortDraft && s != provider.PortRejected {
		return provider.PortOrder{}, c.fail(op, provider.Precondition, "the order is neither a draft nor rejected")
	}
	docs, err := c.kinds(ctx, op, v.Documents)
	if err != nil {
		return provider.PortOrder{}, err
	}
	w, res, err := c.fill(ctx, op, string(r), f, docs)
	if err != nil {
		return provider.PortOrder{}, err
	}
	return c.portAfter(ctx, op, w, res)
}

// documentTypes are the kinds of documents and what the carrier calls them.
var documentTypes = map[string]string{"loa": "loa", "invoice": "invoice", "csr": "csr", "other": "other"}

// extensions are the types of files that the carrier takes.
var extensions = map[string]string{"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "image/tiff": "tiff"}

const (
	documentMax  = 20 << 20         // bytes of one document
	documentLife = 30 * time.Minute // until it is deleted unless an order uses it
)

type wireDocument struct {
	ID      string `json:"id"`
	Name    string `json:"filename"`
	Status  string `json:"status"`
	SHA256  string `json:"sha256"`
	Created string `json:"created_at"`
}

// UploadDocument uploads a document under the key, unless the same one is there
// already. One that is not what was announced is refused before it is sent. Its kind is in the name that it gets, which is how an order finds out
// where it belongs.
func (c *Carrier) UploadDocument(ctx context.Context, k provider.Key, d provider.Document) (provider.Uploaded, error) {
	var none provider.Uploaded
	op := provider.OpUploadDocument
	if err := c.key(op, k); err != nil {
		return none, err
	}
	kind, ext := documentTypes[d.Kind], extensions[d.MediaType]
	switch {
	case kind == "":
		return none, c.refuse(op, bad("kind", "known", "is none of loa, invoice, csr, other"))
	case ext == "":
		return none, c.refuse(op, bad("media type", "known", "is none of PDF, PNG, JPEG, TIFF"))
	case d.Size <= 0 || d.Size > documentMax:
		return none, c.refuse(op, bad("size", "range", fmt.Sprintf("is not from 1 to %d bytes", documentMax)))
	case d.Open == nil:
		return none, c.refuse(op, bad("document", "present", "cannot be opened"))
	}
	if err := announced(d); err != nil {
		return none, c.refuse(op, err)
	}
	known, res, err := all[wireDocument](ctx, c, op, "/documents", query("filter[customer_reference][eq]", string(k)))
	if err != nil {
		return none, err
	}
	for _, w := range known {
		if w.Name == kind+"."+ext && strings.EqualFold(w.SHA256, fmt.Sprintf("%x", d.SHA256)) && res.At.Before(w.until(res.At)) {
			return provider.Uploaded{Ref: provider.Ref(w.ID), Until: w.until(res.At), Said: res.Said(provider.Raw(w.Status))}, nil
		}
	}
	made, res, err := do[one[wireDocument]](ctx, c, carrierhttp.Call{Op: op, Path: "/documents", Body: carrierhttp.Multipart(
		carrierhttp.Part{Name: "customer_reference", Value: string(k)},
		carrierhttp.Part{Name: "file", FileName: kind + "." + ext, Type: d.MediaType, Size: d.Size, Open: d.Open},
	)})
	if err != nil {
		return none, err
	}
	w := made.Data
	if w.ID == "" {
		return none, res.Error(provider.Internal, provider.Applied, "the answer names no document")
	}
	if w.SHA256 != "" && !strings.EqualFold(w.SHA256, fmt.Sprintf("%x", d.SHA256)) {
		return none, res.Error(provider.Internal, provider.Applied, "the carrier holds another document than the one that was sent")
	}
	return provider.Uploaded{Ref: provider.Ref(w.ID), Until: w.until(res.At), Said: res.Said(provider.Raw(w.Status))}, nil
}

// announced reads a document once before it is sent: a letter that was cut off proves
// nothing.
func announced(d provider.Document) error {
	r, err := d.Open()
	if err != nil {
		return bad("document", "readable", "cannot be opened")
	}
	defer r.Close()
	sum := sha256.New()
	switch n, err := io.Copy(sum, io.LimitReader(r, documentMax+1)); {
	case err != nil:
		return bad("document", "readable", "cannot be read")
	case n != d.Size:
		return bad("size", "announced", "is not that of the document")
	case [sha256.Size]byte(sum.Sum(nil)) != d.SHA256:
		return bad("digest", "announced", "is not that of the document")
	}
	return nil
}

// until is when the document is deleted unless it is used; now for one that does not
// say when it was made is the careful answer.
func (w wireDocument) until(now time.Time) time.Time {
	made, err := time.Parse(time.RFC3339, w.Created)
	if err != nil {
		return now
	}
	return made.Add(documentLife)
}

// kinds sorts documents by what they are. One that is gone has to be uploaded again.
func (c *Carrier) kinds(ctx context.Context, op provider.Op, refs []provider.Ref) (map[string][]string, error) {
	out := make(map[string][]string)
	for _, r := range refs {
		w, res, err := get[wireDocument](ctx, c, op, 0, carrierhttp.Path("documents", string(r)), nil)
		if kindIs(err, provider.NotFound) {
			return nil, res.Error(provider.Precondition, provider.NotApplied, "a document is gone: it is deleted when no order uses it within 30 minutes")
		}
		if err != nil {
			return nil, err
		}
		kind, _, _ := strings.Cut(w.Name, ".")
		if documentTypes[kind] == "" {
			kind = "other"
		}
		out[kind] = append(out[kind], string(r))
	}
	return out, nil
}

// attach adds the documents for which an order has no place of their own. What is
// there already is left alone.
func (c *Carrier) attach(ctx context.Context, op provider.Op, id string, docs map[string][]string) error {
	type additional struct {
		ID   string `json:"document_id"`
		Type string `json:"document_type"`
	}
	var want []additional
	for kind, ids := range docs {
		for i, doc := range ids {
			if own := kind == "loa" || kind == "invoice"; !own || i < len(ids)-1 {
				want = append(want, additional{doc, kind})
			}
		}
	}
	if len(want) == 0 {
		return nil
	}
	path := portPath(provider.Ref(id), "additional_documents")
	there, _, err := all[additional](ctx, c, op, path, nil)
	if err != nil {
		return err
	}
	var missing []additional
	for _, w := range want {
		if !slices.ContainsFunc(there, func(x additional) bool { return x.ID == w.ID }) {
			missing = append(missing, w)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err = c.http.Do(ctx, carrierhttp.Call{Op: op, Path: path, Body: carrierhttp.JSON(map[string]any{"additional_documents": missing})})
	return err
}
