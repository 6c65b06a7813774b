"""Two records turn out to be one person: what was done about it, so that it can be undone."""

from datetime import timedelta

from django.apps import apps
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from casemgmt.agencies.models import AgencyOwned, ScopedQuerySet, StaffMember
from casemgmt.core.acting import because
from casemgmt.core.models import Refused, update_many
from clients import merging, names
from clients.models.access import ConflictOfInterest, RestrictedTo
from clients.models.identity import OtherName
from clients.models.person import Client

JUST_NOW = timedelta(minutes=5)  # no form takes longer to be written


class MergeQuerySet(ScopedQuerySet):
    def standing(self):
        """What holds; a NULL undone_at means not undone."""
        return self.filter(undone_at=None)


class Merge(AgencyOwned):
    """`gone` became part of `kept`: which rows moved, and what the chosen fields said before.

    A NULL `undone_at` means that the merge holds. `moved` keeps the keys of rows by link (`clients.document.client`):
    "moved" to the kept record, "stayed" with the other one because the kept one has the same, "back" from the kept to
    the other one (colleagues who lose sight of a restricted record); "names" that were added, "named" the colleagues
    who see a restricted record since. `fields_before` keeps what both records said, and what was "set".
    """

    path = "kept"

    kept = models.ForeignKey(Client, models.PROTECT, related_name="merges")
    gone = models.ForeignKey(Client, models.PROTECT, related_name="+")
    reason = models.CharField(_("why they are one person"), max_length=300)
    moved = models.JSONField(default=dict, editable=False)
    fields_before = models.JSONField(default=dict, editable=False)
    merged_at = models.DateTimeField(default=timezone.now, editable=False)
    merged_by = models.ForeignKey(StaffMember, models.PROTECT, related_name="+", editable=False)
    undone_at = models.DateTimeField(null=True, editable=False)
    undone_by = models.ForeignKey(StaffMember, models.PROTECT, null=True, related_name="+", editable=False)
    undone_why = models.CharField(_("why they are two people after all"), max_length=300, blank=True)

    objects = MergeQuerySet.as_manager()

    class Meta:
        verbose_name = _("merge of two records")
        verbose_name_plural = _("merges of two records")
        ordering = ["-merged_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["gone"], condition=Q(undone_at=None), name="merged_into_one_record_at_most"
            )
        ]

    def __str__(self):
        return f"{self.gone_id} → {self.kept_id}"

    @property
    def rows_moved(self):
        """How many rows of the other record came along."""
        return sum(len(keys) for keys in self.moved.get("moved", {}).values())

    @classmethod
    def moments(cls, agency_id):
        """When rows only changed hands: two questions that give the moments, for whoever tells a history."""
        rows = cls.objects.filter(agency_id=agency_id)
        return rows.values("merged_at"), rows.exclude(undone_at=None).values("undone_at")

    @classmethod
    def stayed_with(cls, client):
        """{(model, …): keys} of rows that say nothing new and stayed with the records merged into this one."""
        found = {}
        for merge in cls.objects.filter(kept=client).standing():
            for link, keys in merge.moved.get("stayed", {}).items():
                found.setdefault(apps.get_model(link.rpartition(".")[0]), set()).update(keys)
        return found

    # --- Two become one ---

    @classmethod
    @transaction.atomic
    def of(cls, kept, gone, *, by, reason, choices=None):
        """Make `gone` part of `kept`: every row moves with its history, on every floor; returns the merge.

        `choices` maps fields in which the two differ to "kept", "gone" or, for notes, "both"; what nobody chose is as
        `merging.suggested` says. Periods of service in one program are both kept: two open ones may be how the double
        was noticed, and ending one is a decision of its own. If either record is restricted the result is, and only
        who could see both keeps sight of it. Raises Refused for one record, for one merged already, for records that
        `by` does not both see, and for choices that leave no name.
        """
        if kept.pk == gone.pk:
            raise Refused(_("This is one and the same record. Choose another one."))
        kept, gone = cls._lock(kept.pk, gone.pk, by)
        if not reason.strip():
            raise Refused(_("Say why they are one person."))
        merge = cls(kept=kept, gone=gone, reason=reason.strip()[:300], merged_by=by)
        called = [*merging.called(kept), *merging.called(gone)]
        said = _("No. %(gone)s and No. %(kept)s are one person: %(why)s")
        with because(str(said) % {"gone": gone.no, "kept": kept.no, "why": merge.reason}):
            merge._choose(choices or {})
            merge._move_rows()
            merge._keep_names(called)
            kept.save()
            gone.merged_into = kept
            gone.save()
            merge.save()
        return merge

    @classmethod
    def _lock(cls, kept_pk, gone_pk, by):
        """Both records, locked in the order of their keys, so that two who merge at once do not wait for each other."""
        rows = Client.objects.select_for_update(of=("self",)).filter(pk__in=[kept_pk, gone_pk]).order_by("pk")
        found = {row.pk: row for row in rows}
        for row in found.values():
            if row.merged_into_id is not None and row.agency_id == by.agency_id:
                raise Refused(_("No. %(number)s is part of another record already.") % {"number": row.no})
        # An emergency opens a record for an hour; by a merge it would stay open.
        seen = Client.objects.visible_to(by).by_right(by).filter(pk__in=list(found))
        if seen.count() != 2:
            raise Refused(_("Only who sees both records, not only in an emergency, may merge them."))
        return found[kept_pk], found[gone_pk]

    def _choose(self, choices):
        kept, gone = self.kept, self.gone
        told = [*merging.fields(kept), "restricted_on"]
        self.fields_before = {
            "kept": {name: merging.written(kept, name) for name in told},
            "gone": {name: merging.written(gone, name) for name in told},
        }
        for name, value in merging.chosen(kept, gone, choices).items():
            setattr(kept, name, value)
        if not (kept.given_name or kept.family_name or kept.chosen_name):
            raise Refused(_("Choose a first name, a last name or the name they go by."))
        if gone.restricted_on:
            kept.restricted_on = min(day for day in (kept.restricted_on, gone.restricted_on) if day)
        after = {name: merging.written(kept, name) for name in told}
        before = self.fields_before["kept"]
        self.fields_before["set"] = {name: after[name] for name in told if after[name] != before[name]}

    def _move_rows(self):
        """Point every row of `gone` at `kept`, and settle who sees what came of it."""
        self.moved = {"moved": {}, "stayed": {}, "back": {}, "named": []}
        self._take_rows(self.merged_at)
        self._settle_who_sees()

    def _take_rows(self, moment):
        """What a rule refuses to have twice stays where it is; all is listed."""
        for model, field, rows in self._left():
            here, there = [], []
            for row in rows:
                setattr(row, field.attname, self.kept_id)
                (there if merging.clashes(row, field) else here).append(row)
            update_many(model, here, [field.name], at=moment)
            for heading, found in (("moved", here), ("stayed", there)):
                if found:
                    keys = self.moved[heading].setdefault(merging.name_of(model, field), [])
                    keys += [row.pk for row in found]

    def _left(self):
        """(model, field, rows) that still point at the record that is gone, save those that are listed as staying."""
        for model, field in merging.links(Client):
            if model is RestrictedTo or (model is Merge and field.name == "gone"):
                continue  # who sees it is settled apart; which record a merge was about never changes
            stayed = self.moved["stayed"].get(merging.name_of(model, field), [])
            rows = model._base_manager.filter(**{field.attname: self.gone_id}).exclude(pk__in=stayed)
            yield model, field, rows.order_by("pk")

    @classmethod
    def catch_up(cls, agency_id):
        """Let follow what was written for a record while it was being merged; after every form that was sent.

        A row that somebody saves at that very moment waits for the merge, and then points at the record that is gone.
        """
        newest = cls.objects.filter(agency_id=agency_id, merged_at__gte=timezone.now() - JUST_NOW)
        for merge in newest.standing().exclude(moved={}):
            if any(rows.exists() for _model, _field, rows in merge._left()):
                merge = cls.objects.select_for_update(of=("self",)).get(pk=merge.pk)
                with because(merge.reason):
                    merge._take_rows(timezone.now())
                    merge.save()

    def _settle_who_sees(self):
        """Who is named in a restricted record: only who could see both, so that a merge opens nothing to anybody."""
        ours, theirs = (
            {row.staff_id: row for row in RestrictedTo.objects.filter(client=pk)}
            for pk in (self.kept_id, self.gone_id)
        )
        was = self.fields_before["kept"]["restricted_on"], self.fields_before["gone"]["restricted_on"]
        if was == (None, None):
            named = set(ours)
        elif None in was:
            named = set(ours if was[0] else theirs)
        else:
            named = ours.keys() & theirs.keys()
        come = [row for staff, row in theirs.items() if staff in named - ours.keys()]
        leave = [row for staff, row in ours.items() if staff not in named]
        stay = [row.pk for row in theirs.values() if row not in come]
        field = RestrictedTo._meta.get_field("client")
        link = merging.name_of(RestrictedTo, field)
        for rows, to, heading in ((come, self.kept_id, "moved"), (leave, self.gone_id, "back")):
            for row in rows:
                row.client_id = to
            update_many(RestrictedTo, rows, [field.name], at=self.merged_at)
            if rows:
                self.moved[heading][link] = [row.pk for row in rows]
        if stay:
            self.moved["stayed"][link] = stay
        self.moved["named"] = sorted(named) if self.kept.restricted_on else []

    def _keep_names(self, called):
        """By every name of both records the search still finds the person."""
        known = {names.fold(name) for name in merging.called(self.kept)}
        known |= set(OtherName.objects.filter(client=self.kept).values_list("name_key", flat=True))
        added = []
        for name in called:
            if names.fold(name) not in known:
                known.add(names.fold(name))
                added.append(
                    OtherName.objects.create(client=self.kept, kind=OtherName.Kind.MERGED, name=name[:200])
                )
        self.moved["names"] = [row.pk for row in added]

    # --- One becomes two again ---

    def is_latest(self):
        """Whether it may be undone: merges into one record are undone one by one, the newest first."""
        newest = Merge.objects.filter(kept=self.kept_id).standing().order_by("-merged_at", "-pk").first()
        return newest is not None and newest.pk == self.pk

    @transaction.atomic
    def undo(self, *, by, why):
        """Make two records of it again; returns in words what could not be as before.

        Rows go back to where they came from, and with them what was written since that hangs on them; what was written
        since otherwise stays with the kept record. A field that was changed since keeps the change. Whoever was shut
        out since stays shut out of both. Raises Refused without a reason, when it was undone before, when a later
        merge into the same record holds, or when a row that goes back would be there twice.
        """
        both = Client.objects.select_for_update(of=("self",)).filter(pk__in=[self.kept_id, self.gone_id])
        list(both.order_by("pk"))
        now = Merge.objects.select_for_update(of=("self",)).select_related("kept", "gone").get(pk=self.pk)
        if now.undone_at is not None:
            raise Refused(_("This merge was undone already."))
        if not why.strip():
            raise Refused(_("Say why they are two people after all."))
        if not now.is_latest():
            raise Refused(_("Another record was merged into this one later. Undo that one first."))
        now.undone_at, now.undone_by, now.undone_why = timezone.now(), by, why.strip()[:300]
        said = _("No. %(gone)s and No. %(kept)s are two people: %(why)s")
        with because(str(said) % {"gone": now.gone.no, "kept": now.kept.no, "why": now.undone_why}):
            going = now._going()
            notes = now._added_since(going)
            now._keep_shut()
            now._give_back(going)
            notes += now._restore_fields()
            now._take_names_away()
            now.kept.save()
            now.gone.merged_into = None
            now.gone.save()
            now.save()
        self.refresh_from_db()
        return notes

    def _going(self):
        """{(model, field): rows} that go back: what came, and what was written since and hangs on it."""
        going, loaded = {}, {}  # a row that goes by two links is one object, or it would overwrite itself
        for model, field in merging.links(Client):
            keys = self.moved.get("moved", {}).get(merging.name_of(model, field), [])
            for pk, row in model._base_manager.in_bulk(keys).items():
                loaded.setdefault((model, pk), row)
            rows = [loaded[model, pk] for pk in keys if (model, pk) in loaded]
            going[model, field] = [row for row in rows if getattr(row, field.attname) == self.kept_id]
        more = True
        while more:
            more = False
            for (model, field), rows in going.items():
                if merging.is_of(model, field):
                    found = merging.followers(model, field, going, of=self.kept_id, since=self.merged_at)
                    followers = [loaded.setdefault((model, row.pk), row) for row in found]
                    rows += followers
                    more = more or bool(followers)
        return going

    def _added_since(self, going):
        """What was written since and stays with the kept record, counted by kind."""
        notes = []
        for model, field in merging.links(Client):
            # Of what is kept from most colleagues (`whose`) not even the number is told.
            if not merging.is_of(model, field) or model is Merge or hasattr(model, "whose"):
                continue
            went = {row.pk for row in going[model, field]}
            if model is OtherName:
                went |= set(self.moved.get("names", []))
            here = model._base_manager.filter(**{field.attname: self.kept_id}).values_list("pk", flat=True)
            count = len(merging.written_since(self.merged_at, model, [pk for pk in here if pk not in went]))
            if count:
                notes.append(
                    ngettext(
                        "Written since, and stays with No. %(number)s: %(n)d × %(kind)s.",
                        "Written since, and stay with No. %(number)s: %(n)d × %(kind)s.",
                        count,
                    )
                    % {"number": self.kept.no, "n": count, "kind": model._meta.verbose_name}
                )
        return notes

    def _keep_shut(self):
        """Whoever may not see the merged record any more, or never should have, does not see the other one again."""
        kept, gone = self.kept, self.gone
        conflicts = ConflictOfInterest.objects.filter(client=kept)
        keys = list(conflicts.values_list("pk", flat=True))
        came = merging.written_since(self.merged_at, ConflictOfInterest, keys)
        for row in conflicts.filter(pk__in=came):
            ConflictOfInterest.objects.create(
                client=gone, staff_id=row.staff_id, started_on=row.started_on, ended_on=row.ended_on
            )
        if kept.restricted_on is None:
            return
        named = set(RestrictedTo.objects.filter(client=kept).values_list("staff", flat=True))
        for row in RestrictedTo.objects.filter(
            client=gone, staff__in=set(self.moved.get("named", [])) - named
        ):
            row.delete()
        if gone.restricted_on is None and not self._set("restricted_on", kept):
            before = self.fields_before.get("kept", {}).get("restricted_on")
            if before != merging.written(kept, "restricted_on"):
                gone.restricted_on = kept.restricted_on
                there = {row.staff_id: row for row in RestrictedTo.objects.filter(client=gone)}
                for staff in there.keys() - named:
                    there[staff].delete()
                for staff in named - there.keys():
                    RestrictedTo.objects.create(client=gone, staff_id=staff)

    def _set(self, name, kept):
        """Whether the field says what this merge made it say."""
        made = self.fields_before.get("set", {})
        return name in made and made[name] == merging.written(kept, name)

    def _give_back(self, going):
        twice = []
        for (model, field), rows in going.items():
            for row in rows:
                setattr(row, field.attname, self.gone_id)
                if merging.clashes(row, field):
                    twice.append(
                        _("“%(row)s” (%(kind)s) is in No. %(number)s as well: take it out here first.")
                        % {"row": row, "kind": model._meta.verbose_name, "number": self.gone.no}
                    )
        if twice:
            raise Refused(*twice)
        for (model, field), rows in going.items():
            update_many(model, rows, [field.name], at=self.undone_at)
        for link, keys in self.moved.get("back", {}).items():
            model, _sep, name = link.rpartition(".")
            model = apps.get_model(model)
            field = model._meta.get_field(name)
            rows = [
                row
                for row in model._base_manager.in_bulk(keys).values()
                if getattr(row, field.attname) == self.gone_id
            ]
            for row in rows:
                setattr(row, field.attname, self.kept_id)
            rows = [row for row in rows if not merging.clashes(row, field)]
            update_many(model, rows, [field.name], at=self.undone_at)

    def _restore_fields(self):
        """Fields as they were; one that was changed since keeps the change, and the answer says so."""
        changed = []
        for name, _made in self.fields_before.get("set", {}).items():
            if self._set(name, self.kept):
                before = self.fields_before["kept"][name]
                setattr(self.kept, name, merging.read(Client, name, before))
            else:
                changed.append(str(Client._meta.get_field(name).verbose_name))
        if not changed:
            return []
        said = {"number": self.kept.no, "fields": ", ".join(changed)}
        return [_("Changed since, and stays as it is in No. %(number)s: %(fields)s.") % said]

    def _take_names_away(self):
        for row in OtherName.objects.filter(
            pk__in=self.moved.get("names", []), client=self.kept, kind=OtherName.Kind.MERGED
        ):
            row.delete()

    @property
    def day(self):
        """The day of the merge, in words."""
        return date_format(timezone.localtime(self.merged_at), "j M Y")
