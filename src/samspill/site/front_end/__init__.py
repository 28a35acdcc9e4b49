"""What every page shows around its content: languages, navigation, who is logged in.

Templates are in `site/templates/site`, our few classes in `static/site/samspill.css`. Rooms use them by extending
`site/base.html` and including the pieces `site/_*.html`; no room imports this package.
"""
