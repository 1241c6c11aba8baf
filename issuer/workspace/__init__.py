"""The issuer's workspace: pages behind a login, from a workbook to signed passports and labels.

* Same engine as the commands: :mod:`passport.exchange` reads, :mod:`passport.validation` judges,
  :mod:`passport.publishing` signs. A page decides nothing that a command would not.
* People sign in with passkeys, and have roles. What a role may not do is a sentence on the page, and refused on POST.
* Everything is a link or a form. JavaScript is on the two pages that talk to a passkey, from a file.
* Strangers reach two things: to ask for access, and, with a link, a supplier's form. They see nothing else.
"""
