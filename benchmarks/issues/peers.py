"""Knows who competes in finding issues: ours, and scikit-learn's TF-IDF with its agglomerative clustering."""

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.issues.made_accounts import Tickets
from rules.text import issue_groups

# Cosine similarities at which the peer may stop: no fixed one fits every team, so it gets the best of them.
_COSINES = (0.1, 0.2, 0.3, 0.4, 0.5)


def ours(company: Tickets) -> Sequence[int]:
    """The base install."""
    return issue_groups(company.texts, accounts=company.accounts)


def ours_by_meaning(company: Tickets) -> Sequence[int]:
    """With the extra."""
    return issue_groups(company.texts, accounts=company.accounts, embeddings=True)


def scikit_learn(company: Tickets) -> Sequence[int]:
    """Average linkage over word TF-IDF, account by account, at the fixed cosine that the labels like best."""
    each = [scikit_learn_at(company, cosine) for cosine in _COSINES]
    return max(each, key=lambda groups: company.figures(groups).pair)


def scikit_learn_at(company: Tickets, cosine: float) -> list[int]:
    """Average linkage over word TF-IDF, account by account, at a fixed cosine."""
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(stop_words="english", sublinear_tf=True).fit_transform(company.texts)
    found, owner = np.zeros(len(company.texts), dtype=int), np.array(company.accounts)
    for account in np.unique(owner):
        rows = np.flatnonzero(owner == account)
        clustering = AgglomerativeClustering(
            n_clusters=None, metric="precomputed", linkage="average", distance_threshold=1 - cosine
        )
        far = 1 - (vectors[rows] @ vectors[rows].T).toarray()
        found[rows] = clustering.fit_predict(far) + 10_000 * account
    return [int(group) for group in found]


KINDS: dict[str, Callable[[Tickets], Sequence[int]]] = {
    "Keepline": ours,
    "Keepline, embeddings": ours_by_meaning,
    "scikit-learn, best of five cosines": scikit_learn,
}
