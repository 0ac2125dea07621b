"""French: what each sentence of the report is in it, and the words of the library that its tables show."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "never": "jamais",
    "{low} to {high}": "{low} à {high}",
    "What our customers are worth": "Ce que valent nos clients",
    "Contents": "Sommaire",
    "More in the notes at the end.": "Précisions dans les notes, à la fin.",
    "Notes of the software": "Notes du logiciel",
    "These sentences are the software's own, in English.": "Ces phrases sont celles du logiciel, en anglais.",
    "Every customer, with her value, segment and what to do:": ("Chaque client, avec sa valeur, son segment et que faire :"),
    "This can't be shown; the reason is given below.": (
        "Cette partie ne peut pas être montrée ; la raison est donnée en note."
    ),
    "Not known": "Inconnu",
    "{why}": "{why}",
    "{n} customers, {within}": "{n} clients, {within}",
    "over their whole lives": "sur toute leur vie",
    "over the next {n} {unit}": "sur un horizon de {n} {unit}",
    "hours": "heures",
    "days": "jours",
    "weeks": "semaines",
    "months": "mois",
    "years": "ans",
    "hour": "heure",
    "day": "jour",
    "week": "semaine",
    "month": "mois",
    "year": "an",
    "Expected value of the base": "Valeur attendue de la clientèle",
    "What they will really bring: {ends}, with {prob} probability.": (
        "Ce qu'elle rapportera vraiment : {ends}, avec une probabilité de {prob}."
    ),
    "Its {prob} credible interval: {ends}.": "Intervalle de crédibilité à {prob} : {ends}.",
    "Share of the best customers": "Part des meilleurs clients",
    "of the expected value is in the best {best} of the customers.": (
        "de la valeur attendue se trouvent chez les {best} de meilleurs clients."
    ),
    "So far, the best {best} have brought {past}.": "Jusqu'ici, les {best} de meilleurs ont apporté {past}.",
    "Customers at risk": "Clients à risque",
    "valuable customers may be leaving; {stake} of expected value is at stake.": (
        "clients de valeur sont peut-être en train de partir ; valeur attendue en jeu : {stake}."
    ),
    "Customers who cost money": "Clients qui coûtent",
    "No customer is expected to cost more than she brings.": "Aucun client ne devrait coûter plus qu'il n'apporte.",
    "customers cost more than they bring: {lost} in all.": "clients coûtent plus qu'ils n'apportent : {lost} en tout.",
    "Who is worth what": "Qui vaut combien",
    "The {n} largest customers by past turnover are {part} of the base and hold {held} of what is expected of it.": (
        "Les {n} plus gros clients par chiffre d'affaires passé font {part} de la clientèle et portent {held} de ce "
        "qu'on en attend."
    ),
    "Tier": "Taille",
    "Customers": "Clients",
    "Share of customers": "Part des clients",
    "Expected value": "Valeur attendue",
    "Share of value": "Part de la valeur",
    "Will bring, interval": "Rapportera, intervalle",
    "Each": "Par client",
    "P(alive)": "P(actif)",
    "Customers by past turnover: those who brought the first 80 %, the next 15 %, the last 5 %": (
        "Clients par chiffre d'affaires passé : ceux qui ont apporté les premiers 80 %, les 15 % suivants, les derniers 5 %"
    ),
    "Share of the customers, the best first": "Part des clients, les meilleurs d'abord",
    "Share of the value": "Part de la valeur",
    "Curve of the share of the value that the best customers bring: the best {best} bring {mean} of the expected "
    "value ({low} to {high}); the Gini coefficient is {gini}.": (
        "Courbe de la part de la valeur qu'apportent les meilleurs clients : les {best} de meilleurs apportent {mean} "
        "de la valeur attendue ({low} à {high}) ; le coefficient de Gini est de {gini}."
    ),
    "An average customer exists on paper only: the best {best} bring {mean} of what is expected (Gini {gini}). "
    "Whoever treats all alike spends most on those who bring least.": (
        "Le client moyen n'existe que sur le papier : les {best} de meilleurs apportent {mean} de ce qui est attendu "
        "(Gini {gini}). Traiter tous les clients de même, c'est dépenser le plus pour ceux qui apportent le moins."
    ),
    "Customer": "Client",
    "Purchases expected": "Achats attendus",
    "Spend a purchase": "Dépense par achat",
    "Value": "Valeur",
    "Credible interval": "Intervalle de crédibilité",
    "The csv beside this report has every customer, with her segment and what to do.": (
        "Le fichier csv qui accompagne ce rapport contient chaque client, avec son segment et que faire."
    ),
    "The most valuable customers": "Les clients de plus grande valeur",
    "High value: the best fifth by expected value. High loyalty: more likely here than gone. What each cell asks for "
    "is a rule of thumb, to be replaced by your own.": (
        "Valeur élevée : le meilleur cinquième par valeur attendue. Fidélité élevée : plus probablement là que parti. "
        "Ce que chaque case demande est une règle générale, à remplacer par les vôtres."
    ),
    "Loyalty": "Fidélité",
    "What to do": "Que faire",
    "Value from": "Valeur à partir de",
    "Loyalty from": "Fidélité à partir de",
    "The cells of the portfolio in figures": "Les cases du portefeuille en chiffres",
    "Portfolio: value and loyalty": "Portefeuille : valeur et fidélité",
    "{n} customers ({part})": "{n} clients ({part})",
    "{held} of the value": "{held} de la valeur",
    "{each} each": "{each} par client",
    "{value} value, {loyalty} loyalty": "Valeur {value}, fidélité {loyalty}",
    "{n} customers would be among the best if they were still there for certain, and the probability of that has "
    "fallen by {fall} points or more within {since} {unit}. {stake} of expected value is at stake: reach out to "
    "those on top first, and pay no more than is at stake.": (
        "{n} clients seraient parmi les meilleurs s'ils étaient encore là à coup sûr, et cette probabilité a baissé de "
        "{fall} points ou plus en {since} {unit}. Valeur attendue en jeu : {stake}. Adressez-vous d'abord aux premiers "
        "de la liste, et ne dépensez pas plus que ce qui est en jeu."
    ),
    "Intervals hold with {prob} probability": "Les intervalles valent avec une probabilité de {prob}",
    "None of the best customers is at risk by this rule.": (
        "Selon cette règle, aucun des meilleurs clients n'est à risque."
    ),
    "P(alive) before": "P(actif) avant",
    "P(alive) now": "P(actif) maintenant",
    "Value if there": "Valeur si là",
    "At stake": "En jeu",
    "Those with the most at stake": "Ceux pour qui l'enjeu est le plus grand",
    "By segment": "Par segment",
    "(not known)": "(inconnu)",
    "{most} holds the largest part of the value, {share}; a customer of {each} is worth the most, {value}.": (
        "{most} porte la plus grande part de la valeur, {share} ; c'est un client de {each} qui vaut le plus, {value}."
    ),
    "Those with the largest values are shown; {n} more are not.": (
        "Ceux de plus grande valeur sont montrés ; {n} autres ne le sont pas."
    ),
    "By {column}": "Par {column}",
    "Looking further adds value, ever more slowly, for customers leave and later money counts less: from {first} to "
    "{last}.": (
        "Regarder plus loin ajoute de la valeur, de moins en moins vite, car des clients partent et l'argent plus "
        "tardif compte moins : de {first} à {last}."
    ),
    "a whole life": "toute la vie",
    "Within, in {unit}": "Horizon, en {unit}",
    "Horizons side by side": "Plusieurs horizons côte à côte",
    "Turnover of today's customers, undiscounted, as a budget has it: {first} in the first period, {last} in the "
    "last. Customers yet to come are not in it. Hold each period's result against its band.": (
        "Chiffre d'affaires des clients d'aujourd'hui, non actualisé, comme dans un budget : {first} pour la première "
        "période, {last} pour la dernière. Les clients à venir n'y sont pas. Comparez le résultat de chaque période à "
        "sa bande."
    ),
    "Period": "Période",
    "From": "Du",
    "To": "Au",
    "Until, in {unit}": "Jusqu'à, en {unit}",
    "Purchases, interval": "Achats, intervalle",
    "Turnover expected": "Chiffre d'affaires attendu",
    "Turnover, interval": "Chiffre d'affaires, intervalle",
    "Turnover": "Chiffre d'affaires",
    "Purchases": "Achats",
    "Bars of what is expected of each period, with bands: {first} in the first ({low} to {high}), {last} in the last.": (
        "Barres de ce qui est attendu de chaque période, avec bandes : {first} pour la première ({low} à {high}), "
        "{last} pour la dernière."
    ),
    "The wide band is what a period may really bring, the narrow one how far its expectation is known. A base that "
    "wins nobody shrinks.": (
        "La bande large est ce qu'une période peut vraiment apporter, l'étroite la précision de son espérance. Une "
        "clientèle qui ne gagne personne rétrécit."
    ),
    "Forecast by period": "Prévision par période",
    "-Q": "-T",
    "{Lever} moves the value most: one per cent more of it moves the base by {moves} %, which is {gain}. Compare "
    "that with what one per cent of each would cost you.": (
        "Levier le plus fort : {lever}. Un pour cent de plus change la valeur de la clientèle de {moves} %, soit "
        "{gain}. Comparez à ce que vous coûterait un pour cent de chacun."
    ),
    "Lever": "Levier",
    "Value moves by, %": "Effet sur la valeur, %",
    "Which is": "Soit",
    "Value of the base, per cent": "Valeur de la clientèle, pour cent",
    "Bars of how far one per cent more of each lever moves the value of the base: {lever} {moves} % at the most.": (
        "Barres de l'effet d'un pour cent de plus de chaque levier sur la valeur de la clientèle : {lever} {moves} % "
        "au plus."
    ),
    "Bars to the right raise the value, bars to the left lower it; lines are intervals.": (
        "Les barres vers la droite augmentent la valeur, celles vers la gauche la diminuent ; les traits sont des "
        "intervalles."
    ),
    "Which lever moves most": "Quel levier compte le plus",
    "For one per cent more of each lever": "Pour un pour cent de plus de chaque levier",
    "A newcomer is worth {value}, her first purchase included: the most that may be spent to win her.": (
        "Un nouveau client vaut {value}, premier achat compris : le plus qu'on puisse dépenser pour le gagner."
    ),
    "One has cost {cost} to win: {ratio} come back for each 1 spent (LTV/CAC).": (
        "En gagner un a coûté {cost} : il revient {ratio} pour 1 dépensé (LTV/CAC)."
    ),
    "No cost of acquisition was given, so none is set against it.": (
        "Aucun coût d'acquisition n'a été donné, donc aucun n'y est opposé."
    ),
    "Value of a newcomer": "Valeur d'un nouveau client",
    "Cost to win her": "Coût d'acquisition",
    "What is left": "Ce qui reste",
    "Have paid back": "Remboursés",
    "Half have paid back by, in {unit}": "La moitié remboursés après, en {unit}",
    "Break-even, in {unit}": "Point mort, en {unit}",
    "Newcomers": "Nouveaux clients",
    "The formula on the back of an envelope says {formula} a customer, the model {model}. A formula takes one "
    "average for a base in which customers differ: most never come back, and a few come all the time.": (
        "La formule de coin de table donne {formula} par client, le modèle {model}. Une formule prend une seule "
        "moyenne pour des clients qui diffèrent : la plupart ne reviennent jamais, quelques-uns viennent tout le temps."
    ),
    "By": "Selon",
    "Value of a customer": "Valeur d'un client",
    "Beside the simple formulas": "À côté des formules simples",
    "In {period}, the last whole period, {n} customers bought, {activity} of all won so far; of those won before it, "
    "{again} bought again.": (
        "En {period}, dernière période entière, {n} clients ont acheté, soit {activity} de tous ceux gagnés jusque-là "
        "; de ceux gagnés avant, {again} ont racheté."
    ),
    "Active": "Actifs",
    "New": "Nouveaux",
    "Activity rate": "Taux d'activité",
    "Repurchase rate": "Taux de réachat",
    "Purchases per active customer": "Achats par client actif",
    "Average basket": "Panier moyen",
    "Line of the repurchase rate by period: {again} in {period}.": (
        "Courbe du taux de réachat par période : {again} en {period}."
    ),
    "Of those won before a period, the share who bought in it.": (
        "De ceux gagnés avant une période, la part de ceux qui y ont acheté."
    ),
    "Periods that the log doesn't cover whole are marked (*)": (
        "Les périodes que le journal ne couvre pas entièrement sont marquées (*)"
    ),
    "What the log shows": "Ce que montre le journal",
    "{n} fit did not converge: don't use these numbers yet.": (
        "{n} ajustement n'a pas convergé : n'utilisez pas encore ces chiffres."
    ),
    "{n} fits did not converge: don't use these numbers yet.": (
        "{n} ajustements n'ont pas convergé : n'utilisez pas encore ces chiffres."
    ),
    "All fits converged.": "Tous les ajustements ont convergé.",
    "Customers drawn from the model differ from the real ones in {n} way that matters: read on before relying on it.": (
        "Les clients tirés du modèle diffèrent des vrais sur {n} point qui compte : lisez la suite avant de vous y fier."
    ),
    "Customers drawn from the model differ from the real ones in {n} ways that matter: read on before relying on it.": (
        "Les clients tirés du modèle diffèrent des vrais sur {n} points qui comptent : lisez la suite avant de vous y fier."
    ),
    "Customers drawn from the model look like the real ones in all that was looked at.": (
        "Les clients tirés du modèle ressemblent aux vrais sur tout ce qui a été regardé."
    ),
    "What was looked at": "Ce qui a été regardé",
    "Seen": "Observé",
    "Expected, 98 %": "Attendu, 98 %",
    "Verdict": "Verdict",
    "{model}: seen beside what the model expects": "{model} : l'observé à côté de ce que le modèle attend",
    "Can it be trusted?": "Peut-on s'y fier ?",
    "Model": "Modèle",
    "Method": "Méthode",
    "Outcome": "Issue",
    "Pareto k (good up to 0.7)": "k de Pareto (bon jusqu'à 0,7)",
    "Warnings": "Avertissements",
    "How the fits went": "Comment les ajustements se sont passés",
    "Repeat purchases": "Achats répétés",
    "Bars of the customers by their repeat purchases, with what the model expects: {seen} have made none, {low} to "
    "{high} expected.": (
        "Barres des clients selon leurs achats répétés, avec ce que le modèle attend : {seen} n'en ont fait aucun, "
        "{low} à {high} attendus."
    ),
    "{seen} of the customers have never come back; the model expects {low} to {high}.": (
        "{seen} des clients ne sont jamais revenus ; le modèle attend {low} à {high}."
    ),
    "{n} customers, known for {shortest} to {longest} {unit}; {once} of them have bought once.": (
        "{n} clients, connus depuis {shortest} à {longest} {unit} ; {once} d'entre eux n'ont acheté qu'une fois."
    ),
    "What was left out, netted or set apart on the way from the log is listed here, with how much of it.": (
        "Ce qui a été écarté, compensé ou mis à part en lisant le journal est énuméré en note, avec les quantités."
    ),
    "Nothing was left out of the log.": "Rien du journal n'a été laissé de côté.",
    "The data": "Les données",
    "Method and assumptions": "Méthode et hypothèses",
    "Purchases: each customer buys at a rate of her own and leaves at a time of her own, unseen. From how often and "
    "how lately she has bought, the model works out how likely she is to be still there and what she will go on to "
    "buy.": (
        "Achats : chaque client achète à son rythme et part à son heure, sans qu'on le voie. De la fréquence de ses "
        "achats et de la date du dernier, le modèle déduit la probabilité qu'il soit encore là et ce qu'il achètera."
    ),
    "Spend: the value of a purchase varies about a mean of her own, which is drawn towards the mean of all the more, "
    "the less is known of her.": (
        "Dépense : la valeur d'un achat varie autour d'une moyenne propre au client, d'autant plus ramenée vers la "
        "moyenne de tous qu'on en sait peu de lui."
    ),
    "Value: purchases times spend times margin, less costs, each discounted from the day on which it is expected. "
    "Expected values are means over all that may happen; their credible intervals say how far the data pin them down.": (
        "Valeur : achats fois dépense fois marge, moins les coûts, chacun actualisé depuis le jour où il est attendu. "
        "Les valeurs attendues sont des moyennes de tout ce qui peut arriver ; leurs intervalles de crédibilité disent "
        "avec quelle précision les données les déterminent."
    ),
    "What a customer or the base will really bring varies far more: that is what the wider intervals hold.": (
        "Ce qu'un client ou la clientèle rapportera vraiment varie bien davantage : c'est ce que contiennent les "
        "intervalles plus larges."
    ),
    "P(alive) is the probability that a customer is still one: nobody tells when she leaves.": (
        "P(actif) est la probabilité qu'un client le soit encore : personne n'annonce son départ."
    ),
    "Customers are taken to behave as they have: no season, no campaign, no drift that moves all of them together is "
    "in the intervals.": (
        "On suppose que les clients se comportent comme jusqu'ici : aucune saison, aucune campagne, aucune dérive "
        "commune à tous n'est dans les intervalles."
    ),
    "Models: {models}.": "Modèles : {models}.",
    "Later money is discounted at a rate of each customer's own.": (
        "L'argent plus tardif est actualisé à un taux propre à chaque client."
    ),
    "Later money is discounted at {rate} a {unit}.": "L'argent plus tardif est actualisé à {rate} par {unit}.",
    "Costs that are taken off: {costs}.": "Coûts déduits : {costs}.",
    "Of each purchase, {margin} is kept as margin, on average over the customers.": (
        "De chaque achat, il reste {margin} de marge, en moyenne sur les clients."
    ),
    "Parameter": "Paramètre",
    "Mean": "Moyenne",
    "Standard deviation": "Écart type",
    "Parameters of {model}": "Paramètres de {model}",
    "The same data, command, seed and versions give the same report, to the byte.": (
        "Mêmes données, même commande, même graine et mêmes versions donnent le même rapport, à l'octet près."
    ),
    "Appendix: how to get this again": "Annexe : comment refaire ce rapport",
}
"""Our own sentences: each that the report says is here."""

BARS = {f"share with {k} repeat purchases": f"part avec {k} achats répétés" for k in range(7)}

LIBRARY: Mapping[str, str] = {
    **BARS,
    "share with 7 or more": "part avec 7 ou plus",
    "share in another bar of the histogram": "part dans une autre barre de l'histogramme",
    "repeat purchases per customer": "achats répétés par client",
    "recency / T of repeat buyers": "récence / T des clients revenus",
    "share of repeat buyers silent for half of T": "part des clients revenus silencieux la moitié de T",
    "mean spend": "dépense moyenne",
    "median spend": "dépense médiane",
    "90% quantile of spend": "quantile à 90 % de la dépense",
    "rank correlation of spend and frequency": "corrélation de rang entre dépense et fréquence",
    "as expected": "comme attendu",
    "allowed": "permis",
    "lower": "plus bas",
    "higher": "plus haut",
    "a little lower": "un peu plus bas",
    "a little higher": "un peu plus haut",
    "converged": "a convergé",
    "NOT converged": "N'A PAS convergé",
    "small": "petits",
    "medium": "moyens",
    "large": "gros",
    "low": "faible",
    "middle": "moyenne",
    "high": "élevée",
    "keep": "garder",
    "invest": "investir",
    "reactivate": "réactiver",
    "let go": "laisser aller",
    "spend": "dépense par achat",
    "margin": "marge",
    "purchase rate": "rythme d'achat",
    "dropout": "départs",
    "discount rate": "taux d'actualisation",
    "acquisition": "acquisition",
    "average value": "valeur moyenne",
    "retention value": "valeur par rétention",
    "model": "modèle",
    "past": "passé",
    "expected": "attendu",
    "expectation": "espérance",
    "outcome": "résultat",
    "all alike": "tous pareils",
    "seen": "observé",
    "off": "hors intervalle",
    "not whole": "période incomplète",
}
"""Words of the library that tables and pictures show."""

FRENCH: Mapping[str, str] = {**LIBRARY, **SENTENCES}
