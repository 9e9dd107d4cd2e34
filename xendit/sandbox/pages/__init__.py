"""What the pages of every product share. The pages themselves are the product's own, such as `xendit.invoice.pages`.

    formats     amounts and times as people of a language write them
    render      templates and files
    page_files  the files over HTTP
    guard       what a form must carry to be taken
    forms       what was typed into a form that was refused, and which field is wrong
    frame       what every page of the dashboard has around it

The pages imitate no brand, work without scripts, and load nothing from other sites. They show every text of a record as
plain text, and never use it as markup, an address or a style.
"""
