"""Whether a change is more than chance, and what it hangs together with: tests over groups, never about one person.

statsmodels is optional (requirements-statistics.txt): without it `AVAILABLE` is False and the reports leave tests out.
"""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from math import isfinite

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

AVAILABLE = find_spec("statsmodels") is not None

PER_PREDICTOR = 10  # people that each predictor needs before its coefficient says much
MOST_VIF = 5  # above it, predictors tell the same story


class TooFew(ValueError):
    """The numbers do not bear the test; the message says why."""


@cache
def _library(name):
    """A part of statsmodels or numpy, loaded when it is first needed: they take a second and 100 MB."""
    return import_module(name)


@dataclass(frozen=True)
class Paired:
    """A paired t test: the same people before and after."""

    n: int
    before: float
    after: float
    change: float
    sd: float
    t: float
    df: int
    p: float
    d_z: float
    low: float
    high: float


def paired(before, after):
    """The paired t test of two measurements of the same people, with the 95 % interval of the change and d_z.

    Raises TooFew for fewer than three pairs, or when everybody changed alike.
    """
    np = _library("numpy")
    _check(before, after)
    changes = np.subtract(after, before).astype(float)
    if len(changes) < 3 or np.ptp(changes) == 0:
        raise TooFew(_("A test needs three people and more who did not all change alike."))
    told = _library("statsmodels.stats.weightstats").DescrStatsW(changes)
    t, p, df = told.ttest_mean(0)
    low, high = told.tconfint_mean(0.05)
    sd = float(told.std_mean * len(changes) ** 0.5)
    mean = float(told.mean)
    return Paired(
        n=len(changes),
        before=float(np.mean(before)),
        after=float(np.mean(after)),
        change=mean,
        sd=sd,
        t=float(t),
        df=int(df),
        p=float(p),
        d_z=mean / sd,
        low=float(low),
        high=float(high),
    )


@dataclass(frozen=True)
class Block:
    """What one block of predictors adds to those before it."""

    predictors: tuple
    r2: float
    adjusted_r2: float
    gain: float
    f: float
    df: tuple
    p: float


@dataclass(frozen=True)
class Coefficient:
    """One predictor in the whole model; `vif` says how much of it the others tell already."""

    name: str
    b: float
    se: float
    beta: float | None
    t: float
    p: float
    low: float
    high: float
    vif: float | None


@dataclass(frozen=True)
class Model:
    """Blockwise linear regression: what each block adds, the coefficients of all, and what to be careful about."""

    n: int
    blocks: tuple
    coefficients: tuple
    cautions: tuple


def blockwise(outcome, blocks):
    """Ordinary least squares with blocks of predictors entered one after the other, in the order given.

    `blocks` are dicts of a predictor's name to its values. Raises TooFew when there are not two people more than
    predictors, or the predictors cannot be told apart.
    """
    names = [name for block in blocks for name in block]
    columns = [values for block in blocks for values in block.values()]
    _check(outcome, *columns)
    if len(outcome) <= len(names) + 2:
        raise TooFew(_("There are too few people for so many predictors."))
    np, tools = _library("numpy"), _library("statsmodels.tools")
    models = _library("statsmodels.regression.linear_model")
    y = np.asarray(outcome, float)
    x = tools.add_constant(np.column_stack(columns).astype(float), has_constant="add")
    if np.linalg.matrix_rank(x) < x.shape[1] or np.ptp(y) == 0:
        raise TooFew(_("Some predictors say the same as others, or everybody has the same outcome."))
    steps, before, width = [], None, 1
    for block in blocks:
        width += len(block)
        fit = models.OLS(y, x[:, :width]).fit()
        steps.append(_block(block, fit, before))
        before = fit
    inflation = _library("statsmodels.stats.outliers_influence").variance_inflation_factor
    vifs = [float(inflation(x, k)) for k in range(1, x.shape[1])]
    return Model(
        len(y), tuple(steps), _coefficients(names, before, x, y, vifs), tuple(_cautions(len(y), names, vifs))
    )


def _check(*columns):
    lengths = {len(column) for column in columns}
    if len(lengths) != 1 or not all(isfinite(value) for column in columns for value in column):
        raise TooFew(_("Each person needs every number."))


def _block(block, fit, before):
    if before is None:
        f, p, added = fit.fvalue, fit.f_pvalue, fit.df_model
    else:
        f, p, added = fit.compare_f_test(before)
    r2 = float(fit.rsquared)
    return Block(
        predictors=tuple(block),
        r2=r2,
        adjusted_r2=float(fit.rsquared_adj),
        gain=r2 - (float(before.rsquared) if before is not None else 0.0),
        f=float(f),
        df=(int(added), int(fit.df_resid)),
        p=float(p),
    )


def _coefficients(names, fit, x, y, vifs):
    spans = fit.conf_int(0.05)
    rows = []
    for k, name in enumerate([_("Constant"), *names]):
        beta = float(fit.params[k] * x[:, k].std() / y.std()) if k else None
        rows.append(
            Coefficient(
                name=str(name),
                b=float(fit.params[k]),
                se=float(fit.bse[k]),
                beta=beta,
                t=float(fit.tvalues[k]),
                p=float(fit.pvalues[k]),
                low=float(spans[k][0]),
                high=float(spans[k][1]),
                vif=vifs[k - 1] if k else None,
            )
        )
    return tuple(rows)


def _cautions(n, names, vifs):
    if n < PER_PREDICTOR * len(names):
        most = n // PER_PREDICTOR
        yield ngettext(
            "So few people bear %(n)s predictor at most.",
            "So few people bear %(n)s predictors at most.",
            most,
        ) % {"n": most}
    alike = [name for name, vif in zip(names, vifs, strict=True) if vif > MOST_VIF]
    if alike:
        yield _("These tell much the same story: %(names)s.") % {"names": ", ".join(alike)}
