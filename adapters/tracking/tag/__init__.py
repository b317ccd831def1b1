"""The script that shops install: built from `frontends/tag` into `dist` beside this file, and served from memory."""
